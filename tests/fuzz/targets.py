"""All of them, by name."""

from __future__ import annotations

from tests.fuzz.file_targets import Videos, Weights
from tests.fuzz.joining_target import Joining
from tests.fuzz.live_targets import Control, Http, Patch
from tests.fuzz.media_targets import Datagrams, Decoding, Rtp
from tests.fuzz.session_target import Session
from tests.fuzz.target import Target
from tests.fuzz.text_targets import Access, FragmentText, Messages, Offer

TARGETS: dict[str, type[Target]] = {
    kind.name: kind
    for kind in (
        *(Offer, FragmentText, Messages, Access),
        *(Session, Joining, Patch, Control, Http),
        *(Datagrams, Rtp, Decoding),
        *(Videos, Weights),
    )
}
