"""The words of the page on which a person answers whether a message is theirs, in each language."""

from collections.abc import Mapping

from listward.filters.identity.standing import Method, Path
from listward.queue.notices.languages import FALLBACK

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "name": "English",
        "title": "Is this message yours?",
        "question": "Is this message yours?",
        "why": "Nothing is wrong with your message. Your mail company does not let us confirm that it is from you.",
        "list": "To the list",
        "day": "Came on",
        "person": "Written with the address",
        "no-text": "We show you nothing of it here, because anybody can write your address on a message.",
        "remember": "Remember the way this mail took, so that the next goes straight through",
        "yes": "Yes, it is mine",
        "no": "This is not from me",
        "nothing": "You need not do anything. Then a person looks at it and decides.",
        "ask": "You can ask us:",
        "case": "case",
        "gone": "If you have answered already, all is well. If not, a person looks at the message and decides.",
        "gone-heading": "This link does not work any more",
        "answered": "You need not do anything more.",
        "answered-heading": "You have answered already. Thank you.",
        "leaving": "A person has let the message through. It leaves soon.",
        "leaving-heading": "This message is on its way",
        "sent": "A person has decided: the message was let through. If it is not yours, please tell us at once.",
        "sent-heading": "This is decided already",
        "not-sent": "A person has decided: the message was not sent to the list.",
        "not-sent-heading": "This is decided already",
        "released": "The message is yours. It leaves for the list soon.",
        "released-heading": "Thank you",
        "waits": "The message is yours. Now a moderator looks at it, as at some other messages.",
        "waits-heading": "Thank you",
        "remembered": "We remember the way it took. Your next mail goes straight through.",
        "denied": "The message counts as a stranger's now. The moderators see that, and you hear no more of it.",
        "denied-heading": "Thank you. It is not yours.",
    },
    "es": {
        "name": "Español",
        "title": "¿Es tuyo este mensaje?",
        "question": "¿Es tuyo este mensaje?",
        "why": "Tu mensaje no tiene nada malo. Tu compañía de correo no nos permite confirmar que es tuyo.",
        "list": "Para la lista",
        "day": "Llegó el",
        "person": "Escrito con la dirección",
        "no-text": "Aquí no mostramos nada de él, porque cualquiera puede poner tu dirección en un mensaje.",
        "remember": "Recordar el camino de este correo, para que el próximo pase directamente",
        "yes": "Sí, es mío",
        "no": "Esto no es mío",
        "nothing": "No tienes que hacer nada. Entonces una persona lo mira y decide.",
        "ask": "Puedes preguntarnos:",
        "case": "caso",
        "gone": "Si ya has respondido, todo está bien. Si no, una persona mira el mensaje y decide.",
        "gone-heading": "Este enlace ya no funciona",
        "answered": "No tienes que hacer nada más.",
        "answered-heading": "Ya has respondido. Gracias.",
        "leaving": "Una persona ha dejado pasar el mensaje. Sale pronto.",
        "leaving-heading": "Este mensaje está en camino",
        "sent": "Una persona ha decidido: el mensaje pasó a la lista. Si no es tuyo, dínoslo enseguida.",
        "sent-heading": "Ya está decidido",
        "not-sent": "Una persona ha decidido: el mensaje no se ha enviado a la lista.",
        "not-sent-heading": "Ya está decidido",
        "released": "El mensaje es tuyo. Sale pronto hacia la lista.",
        "released-heading": "Gracias",
        "waits": "El mensaje es tuyo. Ahora lo mira una persona moderadora, como algunos otros.",
        "waits-heading": "Gracias",
        "remembered": "Recordamos el camino que tomó. Tu próximo correo pasa directamente.",
        "denied": "El mensaje ya cuenta como ajeno. El equipo de moderación lo ve. No te escribimos más.",
        "denied-heading": "Gracias. No es tuyo.",
    },
}
_WAYS = {
    "en": {Method.DKIM: "mail that {domain} signs", Method.SPF: "mail from the servers of {domain}"},
    "es": {Method.DKIM: "correo que firma {domain}", Method.SPF: "correo de los servidores de {domain}"},
}
_OTHER = "other"
_BARS = {
    "en": {
        "no-path": "We cannot remember the way this mail took: your mail company puts no mark on it.",
        "shared": "We cannot remember the way this mail took: other people's mail takes it too.",
        "office": "Your mail is looked at each time, because you hold an office or moderate.",
        "our-domain": "Your mail is looked at each time, because it should come through our own mail service.",
        "too-many": "We remember as many ways of yours as we can. Ask us to forget one.",
        "not-now": "We could not remember the way it took this time. A person looks at your next mail too.",
        _OTHER: "We do not remember ways of sending here. A person looks at each message.",
    },
    "es": {
        "no-path": "No podemos recordar el camino de este correo: tu compañía de correo no lo marca.",
        "shared": "No podemos recordar el camino de este correo: también lo toma el de otras personas.",
        "office": "Tu correo se mira cada vez, porque tienes un cargo o moderas.",
        "our-domain": "Tu correo se mira cada vez, porque debería venir por nuestro propio servicio de correo.",
        "too-many": "Recordamos todos los caminos tuyos que podemos. Pídenos que olvidemos uno.",
        "not-now": "Esta vez no pudimos recordar el camino que tomó. Una persona mira también tu próximo correo.",
        _OTHER: "Aquí no recordamos caminos de correo. Una persona mira cada mensaje.",
    },
}


def way_words(path: Path, language: str) -> str:
    """A way of sending in plain words."""
    return _WAYS.get(language, _WAYS[FALLBACK])[path.method].format(domain=path.domain)


def bar_words(reason: str, language: str) -> str:
    """Why a way of sending cannot be remembered, by the one word for it; "" for no reason."""
    spoken = _BARS.get(language, _BARS[FALLBACK])
    return spoken.get(reason, spoken[_OTHER]) if reason else ""
