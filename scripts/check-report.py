"""Opens the pages of `offprint report` in Chromium, as a reader would: no page may complain, every link and picture must lead
somewhere, search and filter must work, and axe-core must find nothing serious in any page, light, dark or narrow.

    scripts/check-report.py report [pictures]     the folder of the pages, and one for screenshots
"""

import json
import pathlib
import sys
import urllib.parse

import axe_core_python
from playwright.sync_api import sync_playwright

AXE = pathlib.Path(axe_core_python.__file__).with_name("axe.min.js").read_text()
VIEWS = [("light", 1280, 900), ("dark", 1280, 900), ("light", 390, 840)]


class Check:
    def __init__(self, site, pictures):
        self.site = site.resolve()
        self.pictures = pictures
        self.problems = []
        self.checked = {"pages": 0, "links": 0, "axe": 0}

    def fail(self, page, text):
        self.problems.append(f"{page}: {text}")

    def open(self, context, path):
        page = context.new_page()
        name = path.relative_to(self.site)
        page.on("console", lambda message: self.fail(name, message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.fail(name, str(error)))
        page.on("requestfailed", lambda request: self.fail(name, f"{request.url} does not load"))
        page.goto(path.as_uri())
        return page

    def links(self, page, path):
        """Every link, picture and anchor of a page leads to a file, or to a place on a page."""
        for target in page.evaluate("[...document.querySelectorAll('[href], [src]')].map(e => e.href || e.src)"):
            url = urllib.parse.urlsplit(target)
            if url.scheme != "file":
                continue
            self.checked["links"] += 1
            file = pathlib.Path(urllib.parse.unquote(url.path))
            if not file.exists():
                self.fail(path.name, f"{file} does not exist")
            elif url.fragment and "=" not in url.fragment and f'id="{url.fragment}"' not in file.read_text():
                self.fail(path.name, f"{file.name} has no place '{url.fragment}'")

    def images(self, page, path):
        # Lazy pictures load when they are near.
        page.evaluate("document.querySelectorAll('img').forEach(image => { image.loading = 'eager' })")
        page.wait_for_function("[...document.images].every(image => image.complete)")
        for image in page.evaluate("[...document.images].filter(i => !i.naturalWidth || !i.alt).map(i => i.src)"):
            self.fail(path.name, f"the picture {image} is empty or has no text")

    def accessibility(self, page, path, view):
        page.evaluate(AXE)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        self.checked["axe"] += 1
        for violation in found:
            if violation["impact"] in ("serious", "critical"):
                where = violation["nodes"][0]["target"]
                self.fail(path.name, f"axe, {view}: {violation['id']}: {violation['help']}, at {json.dumps(where)}")

    def gallery(self, page):
        """Search, filter and order."""
        shown = lambda: page.locator(".card:visible").count()
        everything = shown()
        first = page.locator(".card .name").first.inner_text()
        page.fill("#search", first.lower())
        if shown() < 1 or shown() >= max(2, everything):
            self.fail("index.html", f"the search for '{first}' shows {shown()} of {everything} papers")
        page.fill("#search", "no paper has these words")
        if shown() != 0 or "0 papers" not in page.inner_text("#count"):
            self.fail("index.html", "a search for nothing finds something")
        page.fill("#search", "")
        topic = page.locator("#topic option").nth(1).get_attribute("value")
        page.select_option("#topic", topic)
        of_topic = page.locator(f'.card[data-topic="{topic}"]').count()
        if shown() != of_topic or f"topic={topic}" not in page.url:
            self.fail("index.html", f"the filter for {topic} shows {shown()} papers, there are {of_topic}")
        page.reload()
        if shown() != of_topic:
            self.fail("index.html", "the filter is lost when the page is loaded again")
        page.select_option("#topic", "")
        page.select_option("#order", "title")
        names = page.locator(".card .name").all_inner_texts()
        if names != sorted(names, key=str.lower) and len(names) == everything:
            pairs = [(a, b) for a, b in zip(names, names[1:]) if a.lower() > b.lower()]
            if page.evaluate("pairs => pairs.some(([a, b]) => a.localeCompare(b) > 0)", pairs):
                self.fail("index.html", "titles are not in order")

    def zoom(self, page, path):
        link = page.locator("a.zoom").first
        if link.count() == 0:
            return
        link.click()
        if not page.locator("dialog.large").is_visible():
            self.fail(path.name, "a click does not show the figure large")
        page.keyboard.press("Escape")
        if page.locator("dialog.large").is_visible():
            self.fail(path.name, "the large figure does not go away")

    def run(self):
        pages = [self.site / "index.html", self.site / "library.html", *sorted((self.site / "papers").glob("*.html"))]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for scheme, width, height in VIEWS:
                context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height})
                view = f"{scheme}-{width}"
                for path in pages:
                    page = self.open(context, path)
                    self.checked["pages"] += 1
                    self.accessibility(page, path, view)
                    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                        self.fail(path.name, f"{view}: wider than the window")
                    if (scheme, width) == ("light", 1280):
                        self.links(page, path)
                        self.images(page, path)
                        self.zoom(page, path)
                    if path.name == "index.html":
                        self.gallery(page)
                    if self.pictures and path in pages[:3]:
                        page.screenshot(path=self.pictures / f"{path.stem}-{view}.png")
                    page.close()
                context.close()
            browser.close()
        for problem in self.problems:
            print(problem)
        print(", ".join(f"{count} {what}" for what, count in self.checked.items()) + f": {len(self.problems)} problems")
        return 1 if self.problems else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    pictures = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    sys.exit(Check(pathlib.Path(sys.argv[1]), pictures).run())
