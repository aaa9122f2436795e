"""How instructions are spoken and typed: fillers, politeness, terse forms, slips of the finger."""

from __future__ import annotations

import re

from distill.wording.grammar import Rng, choose

# Each as a share of the forms that are reworded.
FILLER, TAIL, SLIP, TERSE, MARK = 0.16, 0.16, 0.10, 0.07, 0.06

FILLERS = (
    "um,", "uh,", "ok so", "ok,", "okay", "okay so", "so,", "well,", "hey", "hi,", "hello,",
    "yo,", "listen,", "right,", "right so", "hmm,", "ah,", "oh,", "oh and", "and", "and now",
    "also,", "you know what?", "I think", "maybe", "good,", "great,", "cool,", "nice,", "yes,",
    "no,", "wait,", "sorry,", "excuse me,", "again,", "computer,", "editor,", "robot,",
    "dear computer,", "edit:", "task:", "new edit:", "instruction:", "command:", "prompt:",
    "wish:", "request:", "todo:", "next:", "step one:", "one thing:", "quick one:", "my idea:",
    "idea:", "for fun,", "for this one,", "this time", "in this video:", "here:", "look,", "see,",
    "friend,", "buddy,", "dude,", "hey you,", "hey there,", "thanks, now", "fine, now", "better:",
    "actually,", "honestly,", "basically,", "let's see,", "once more:", "attention:", "quick:",
    "then", "but",
)  # fmt: skip
TAILS = (
    "please", "pls", "plz", "thanks", "thank you", "thx", "ok?", "okay?", "for me", "if you can",
    "if possible", "if you could", "if you like", "quickly", "quick", "asap", "right away",
    "at once", "immediately", "this time", "for a change", "for fun", "just for fun", "just once",
    "you know", "or so", "I guess", "I think", "maybe", "this instant", "as fast as you can",
    "my friend", "man", "haha", "lol", "!", "!!", "...", "that's all", "that would be nice",
    "I beg you", "when you can", "today", "here", "straight away", "like I said",
    "don't you think?", "as a test", "for the show", "in real time", "live", "k thx",
    "many thanks", "pretty please", "with thanks", "would be great",
)  # fmt: skip
# A fixed table, so that no slip makes another word by chance.
_SLIPS = {
    "the": ("teh", "th", "te"), "change": ("chnage", "chage", "cahnge", "chang"),
    "turn": ("trun", "tunr", "tun"), "make": ("mkae", "maek", "mak"), "into": ("in to", "itno", "inot"),
    "colour": ("coluor", "colur"), "color": ("coler", "colr"), "video": ("vidoe", "vido", "vid"),
    "picture": ("pictur", "pic", "picutre"), "remove": ("remvoe", "remov", "rmove"),
    "delete": ("delte", "deleet"), "replace": ("repalce", "replce"), "with": ("wiht", "w/", "wit"),
    "should": ("shoud", "shuold"), "everything": ("everthing", "evrything"),
    "background": ("bakcground", "backround", "bg"), "camera": ("camra", "cam", "camrea"),
    "style": ("stlye", "styl"), "please": ("plase", "pls", "pleas"), "scene": ("scence", "secne"),
    "look": ("lok", "loook"), "like": ("liek", "lik"), "want": ("wnat", "wan"),
    "would": ("woud", "wuold"), "could": ("coud", "cuold"), "without": ("wihtout", "w/o"),
    "around": ("arround", "arond"), "thing": ("thign", "thng"), "from": ("fro", "frm"),
    "you": ("u", "yuo"), "are": ("r", "ar"), "and": ("n", "adn"), "for": ("4", "fro"),
    "it's": ("its",), "don't": ("dont", "don t"), "I'd": ("Id", "i d"), "what": ("waht", "wat"),
    "table": ("tabel", "tabl"), "give": ("giv", "gvie"), "show": ("shwo", "sho"), "put": ("putt", "ptu"),
    "image": ("imgae", "img"), "effect": ("efect", "fx"), "original": ("orginal", "orig"),
    "nothing": ("nothin", "nohting"), "because": ("cuz",), "something": ("smth", "somthing"),
}  # fmt: skip
_WORD = re.compile(r"(?<![<{\w'])[A-Za-z']+(?![\w'>}:])")
_ARTICLE = re.compile(r"\b(?:the|your) |<(?:a(?::\w+)?|bare:other|my|this)> ")
_TELEGRAPH = (
    (re.compile(r"^make the \{thing\} (\{\w+\})$"), (r"{thing}: \1", r"{thing} -> \1", r"{thing} = \1")),
    (re.compile(r"^turn the \{thing\} into (?:<bare:other> )?(\{\w+\})$"), (r"{thing}: \1", r"{thing} -> \1")),
    (re.compile(r"^(?:replace|swap) the \{thing\} (?:with|for) (?:<bare:other> )?(\{\w+\})$"), (r"{thing} -> \1",)),
    (re.compile(r"^remove the \{thing\}$"), ("- {thing}", "{thing}: remove", "minus the {thing}")),
    (re.compile(r"^(?:add|put) <a:phrase> (\{phrase\} (?:\{to\}|\{at\}))$"), (r"+ \1", r"plus \1")),
    (
        re.compile(r"^change the background to <a:place> \{place\}$"),
        ("background: {place}", "background -> {place}", "bg = {place}"),
    ),
    (re.compile(r"^make (?:it|this) (\{\w+\})$"), (r"video: \1", r"video -> \1", r"mode: \1")),
)  # fmt: skip


def noisy(form: str, rng: Rng) -> str:
    """The form, now and then as it is spoken or typed in a hurry."""
    if rng.random() < TERSE:
        form = terse(form, rng)
    if rng.random() < SLIP:
        form = slipped(form, rng)
    polite = "please" in form or form[-1:] in "?.!"
    if rng.random() < FILLER and not polite:
        form = f"{choose(FILLERS, rng)} {form}"
    if rng.random() < TAIL and not polite:
        tail = choose(TAILS, rng)
        form += tail if tail[0] in "!." else f"{choose((' ', ', '), rng)}{tail}"
    elif rng.random() < MARK:
        form = form[:-1] if form[-1:] in "?.!" else form + choose(("!", "."), rng)
    return form


def terse(form: str, rng: Rng) -> str:
    """As a telegram has it: signs for verbs, or no articles."""
    for found, instead in _TELEGRAPH:
        match = found.search(form)
        if match is not None:
            return match.expand(choose(instead, rng))
    return _ARTICLE.sub("", form)


def slipped(form: str, rng: Rng) -> str:
    """With one word mistyped or cut short."""
    places = tuple(m for m in _WORD.finditer(form) if m[0] in _SLIPS)
    if not places:
        return form
    match = choose(places, rng)
    return form[: match.start()] + choose(_SLIPS[match[0]], rng) + form[match.end() :]
