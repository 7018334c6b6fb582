// What is on every page, or on most, named for each of them (build.mjs): so it is one file that is there already, and
// not a small one for each set of pages that has something in common. Cold, a page asks for a third fewer.

import './browser.js'
import './home.js'
import './page.js'
import './parts/choice.js'
import './parts/deed.js'
import './parts/later.js'
import './parts/overlay.js'
import './parts/place.js'
import './parts/ready.js'
import './parts/scroll.js'
import './parts/table.js'
import './welcome.js'
