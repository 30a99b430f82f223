"""HTTP sessions with the site, without a past or of a user who is logged in."""

import requests

from forms import Form

TIMEOUT_S = 30


class LoginError(Exception):
    """The site did not let the user in."""


def new_session():
    """HTTP without what the environment says of proxies: the site is on this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


class UserSession:
    """What a browser keeps of a user who came in by a login form."""

    def __init__(self, site_url, login_path, username, password):
        self.site_url = site_url.rstrip("/")
        self.session = new_session()
        login_url = self.site_url + login_path
        fields = Form(self.get(login_url).text, holding="password").fields
        fields.update(username=username, password=password)
        answer = self.post(login_url, fields)
        if answer.status_code != 302 or "sessionid" not in self.session.cookies:
            raise LoginError(f"login of {username}: status {answer.status_code}")

    @property
    def cookies(self):
        return self.session.cookies.get_dict()

    def get(self, url):
        answer = self.session.get(url, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer

    def post(self, url, fields):
        # A browser names the form's page; Django's protection against forged requests looks at both fields.
        headers = {"Origin": self.site_url, "Referer": url}
        return self.session.post(url, data=fields, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
