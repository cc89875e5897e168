"""Payment and fund-raising services: how their pages and handles are written. Data for `payments`."""

import re

_NAME = r"([A-Za-z0-9][A-Za-z0-9_.\-]{1,60})"
_PHONE = r"(?<!\d)\+?\(?\d[\d \-().]{6,18}\d"
_MAIL = r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}"


def _page(host: str, path: str = "/", name: str = _NAME) -> re.Pattern[str]:
    """A page of a service; blanks may hide inside ("paypal . me / ann")."""
    loose = re.escape(host).replace(r"\.", r" ?(?:\.|\(dot\)|\[dot\]) ?")
    return re.compile(rf"(?<![A-Za-z0-9\-])(?:www\.)?{loose} ?{path} ?{name}", re.IGNORECASE)


# Lower-case keyword without which the pattern is not tried, kind, whether it is a public fund-raiser page, and the
# pattern with the payee in group 1.
PAGES: tuple[tuple[str, str, bool, re.Pattern[str]], ...] = (
    ("paypal", "paypal", False, _page("paypal.me")),
    ("paypal", "paypal", False, _page("paypal.com", "/(?:[a-z]{2}/)?paypalme/")),
    ("paypal", "paypal", False, _page("paypal.com", r"/(?:donate|pools)[/?]", r"([A-Za-z0-9?=&_/\-]{4,80})")),
    ("cash", "cashapp", False, _page("cash.app", r"/\$?")),
    ("venmo", "venmo", False, _page("venmo.com", "/(?:u/|code/?)?")),
    ("revolut", "revolut", False, _page("revolut.me")),
    ("wise", "wise", False, _page("wise.com", "/(?:pay|share|invite)/(?:me/|r/)?")),
    ("monzo", "monzo", False, _page("monzo.me")),
    ("tikkie", "tikkie", False, _page("tikkie.me", "/pay/")),
    ("mpago", "mercadopago", False, _page("mpago.la")),
    ("mercadopago", "mercadopago", False, _page("link.mercadopago.com.ar")),
    ("gofundme", "gofundme", True, _page("gofundme.com", "/(?:f/|manage/)?")),
    ("gofund", "gofundme", True, _page("gofund.me")),
    ("ko-fi", "kofi", True, _page("ko-fi.com")),
    ("patreon", "patreon", True, _page("patreon.com")),
    ("buymeacoffee", "buymeacoffee", True, _page("buymeacoffee.com")),
    ("bmc", "buymeacoffee", True, _page("bmc.link")),
    ("givesendgo", "givesendgo", True, _page("givesendgo.com")),
    ("justgiving", "justgiving", True, _page("justgiving.com", "/(?:crowdfunding|page|fundraising)/")),
    ("chuffed", "chuffed", True, _page("chuffed.org", "/(?:project|campaign)/")),
    ("leetchi", "leetchi", True, _page("leetchi.com", "/(?:[a-z]{1,2}/)?(?:c/)?")),
    ("whydonate", "whydonate", True, _page("whydonate.com", "/(?:[a-z]{2}/)?(?:fundraising|donate)/")),
    ("gogetfunding", "gogetfunding", True, _page("gogetfunding.com")),
    ("fundly", "fundly", True, _page("fundly.com")),
    ("fundrazr", "fundrazr", True, _page("fundrazr.com")),
    ("spotfund", "spotfund", True, _page("spotfund.com", "/story/")),
    ("betterplace", "betterplace", True, _page("betterplace.me")),
    ("teaming", "teaming", True, _page("teaming.net")),
    ("migranodearena", "migranodearena", True, _page("migranodearena.org", "/reto/")),
    ("vakinha", "vakinha", True, _page("vakinha.com.br", "/vaquinha/")),
    ("donadora", "donadora", True, _page("donadora.org", "/campanas/")),
    ("throne", "throne", True, _page("throne.com")),
    ("wishlist", "wishlist", True, _page("amazon.com", "/(?:hz|gp)/(?:registry/)?wishlist/(?:ls/)?")),
)


def _handle(service: str, name: str) -> re.Pattern[str]:
    """A service's name and, close behind it, who is to be paid."""
    return re.compile(rf"\b(?:{service})\b[^\n@$]{{0,32}}?({name})", re.IGNORECASE)


def _before(service: str, name: str) -> re.Pattern[str]:
    """Who is to be paid and, close behind it, the service's name."""
    return re.compile(rf"({name})[^\n@$]{{0,16}}?\b(?:{service})\b", re.IGNORECASE)


_TAG = r"(?<![A-Za-z0-9$])\$[A-Za-z][A-Za-z0-9_\-]{1,19}(?![A-Za-z0-9])"
_AT = r"(?<![A-Za-z0-9.])@[A-Za-z0-9][A-Za-z0-9_\-]{2,29}(?![A-Za-z0-9.@])"
BY_NUMBER = (
    *(
        "zelle",
        "bizum",
        "m-pesa",
        "mpesa",
        "m pesa",
        "mb way",
        "mbway",
        "swish",
        "twint",
        "yape",
        "nequi",
        "daviplata",
        "plin",
    ),
    *("pago movil", "pagomovil", "g-cash", "gcash", "gpay", "google pay", "apple pay", "paytm", "pix"),
)
_BY_NUMBER = "|".join(map(re.escape, BY_NUMBER))

HANDLES: tuple[tuple[tuple[str, ...], str, re.Pattern[str]], ...] = (
    (("cash",), "cashapp", _handle(r"cash ?app|cash ?tag", _TAG)),
    (("cash",), "cashapp", _before(r"cash ?app|cash ?tag", _TAG)),
    (("venmo",), "venmo", _handle("venmo", _AT)),
    (("venmo",), "venmo", _before("venmo", _AT)),
    (("revolut",), "revolut", _handle("revolut", rf"{_AT}|{_PHONE}")),
    (("paypal",), "paypal", _handle("paypal", rf"{_MAIL}|{_AT}")),
    (("paypal",), "paypal", _before("paypal", _MAIL)),
    (("zelle",), "zelle", _handle("zelle", _MAIL)),
    (BY_NUMBER, "wallet", _handle(_BY_NUMBER, _PHONE)),
    (BY_NUMBER, "wallet", _before(_BY_NUMBER, _PHONE)),
    (
        ("@ok", "@upi", "@ybl", "@paytm"),
        "upi",
        re.compile(
            r"(?<![A-Za-z0-9])([a-z0-9._\-]{2,40}@(?:ok(?:axis|sbi|icici|hdfcbank)|upi|ybl|paytm))\b", re.IGNORECASE
        ),
    ),
)
