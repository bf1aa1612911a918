"""A page of a browser that remembers errors, dialogs and requests."""

from pathlib import Path


class Watched:
    def __init__(self, browser: object, width: int, **more: str) -> None:
        self.width = width
        size = {"width": width, "height": 900}
        self.context = browser.new_context(viewport=size, reduced_motion="reduce", **more)
        self.page = self.context.new_page()
        self.amiss: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self._said(message))
        self.page.on("pageerror", lambda error: self.amiss.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.amiss.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _said(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.amiss.append(f"{message.type}: {message.text}")

    def open(self, target: Path | str, view: str = "") -> None:
        address = target.as_uri() if isinstance(target, Path) else target
        self.page.goto(f"{address}{view}")
        self.page.wait_for_selector("html[data-loaded]")

    def go(self, view: str) -> None:
        self.page.evaluate("view => { location.hash = view; }", view)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def is_narrow_enough(self) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def close(self) -> None:
        self.context.close()
        assert self.amiss == []
