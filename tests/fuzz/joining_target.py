"""Offers that are wrong somewhere and whose connection comes about all the same: what they say is used, then."""

from __future__ import annotations

import asyncio
import contextlib
import json
from random import Random
from typing import ClassVar

from aiortc import RTCSessionDescription

from tests.fuzz.mutate import mutate_lines
from tests.fuzz.seeds import AIORTC, OFFERS
from tests.fuzz.session_target import Session
from tests.stream.live import improve, new_client

LIVE = ("a=candidate:", "a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:", "a=end-of")
STREAMS_S = 0.25


class Joining(Session):
    """A real client each time, which offers the input with its own addresses and keys, and streams if it can."""

    name: ClassVar[str] = "joining"

    def make(self, rng: Random) -> bytes:
        lines = [line for line in AIORTC.splitlines() if not line.startswith(LIVE)]
        return json.dumps(mutate_lines(rng, "\r\n".join(lines), OFFERS)).encode()

    async def feed(self, data: bytes) -> None:
        client = new_client(self._server)
        try:
            improve(client.pc, client.camera)
            await client.pc.setLocalDescription(await client.pc.createOffer())
            own = client.pc.localDescription.sdp.splitlines()
            live = [line for line in own if line.startswith(LIVE)]
            kept = [line for line in json.loads(data).splitlines() if not line.startswith(LIVE)]
            answer = await self._post(
                "/v1/session", "\r\n".join([*kept, *live, ""]).encode("utf-8", "replace")
            )
            if answer.status_code == 201:
                with contextlib.suppress(Exception):  # of this client's own making
                    await client.pc.setRemoteDescription(
                        RTCSessionDescription(answer.text, "answer")
                    )
                await asyncio.sleep(STREAMS_S)
            await self.judge(answer)
        finally:
            await client.close()
