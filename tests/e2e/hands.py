"""An editor's hands in the browser; what the browser adds nothing to is left to the desk."""

from house import log_in

MORE_ACTIONS = "footer .w-dropdown__toggle"


class BrowserHands:
    def __init__(self, editor, desk):
        self.editor = editor
        self.desk = desk
        log_in(editor, "editor")

    def __getattr__(self, name):
        return getattr(self.desk, name)

    def publish(self, page_id, **changes):
        self.editor.go(f"/admin/pages/{page_id}/edit/")
        if "slug" in changes:
            return self.desk.publish(page_id, **changes)
        self.editor.fill(**changes)
        self.editor.page.click(MORE_ACTIONS)
        self.editor.click('[name="action-publish"]')

    def unpublish(self, page_id):
        self.editor.go(f"/admin/pages/{page_id}/unpublish/")
        self.editor.click('main form [type="submit"]')

    def move(self, page_id, parent_id):
        self.editor.go(f"/admin/pages/{page_id}/move/{parent_id}/confirm/")
        self.editor.click('main form [type="submit"]')

    def set_privacy(self, page_id, kind, password=""):
        self.editor.go(f"/admin/pages/{page_id}/edit/")
        page = self.editor.page
        change = page.locator("button[data-a11y-dialog-show='set-privacy']:visible").first
        if not change.count():  # the panel stays open from one page to the next
            page.click('[data-side-panel-toggle="status"]')
        change.click()
        page.check(f'[name="restriction_type"][value="{kind}"]')
        if password:
            page.fill('[name="password"]', password)
        page.click('form[action$="/privacy/"] [type="submit"]')
        page.wait_for_selector('form[action$="/privacy/"]', state="hidden")
        self.editor.settle()

    def approve(self, page_id):
        self.editor.go(f"/admin/pages/{page_id}/edit/")
        self.editor.page.click(MORE_ACTIONS)
        self.editor.click('[data-workflow-action-name="approve"]:not([data-workflow-action-modal-url])')
