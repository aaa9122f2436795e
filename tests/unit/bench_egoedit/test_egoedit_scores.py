"""Learned scores by tiny networks of the real kinds: the formulas, and what is said when a network is not there.

Run: pytest tests/unit/bench_egoedit/test_egoedit_scores.py
"""

from __future__ import annotations

import json
import string
import sys
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

from bench.egoedit import learned
from bench.egoedit.__main__ import main
from bench.egoedit.errors import ItemFailed
from bench.egoedit.journal import read_journal
from bench.egoedit.learned import ModelMissing, Where
from tests.unit.bench_egoedit.conftest import ITEMS, video

VICLIP_CODE = """
import torch
from transformers import PreTrainedModel, PretrainedConfig

class Config(PretrainedConfig):
    model_type = "tiny_viclip"
    def __init__(self, tokenizer_path="./bpe.txt.gz", **more):
        self.tokenizer_path = tokenizer_path
        super().__init__(**more)

class ViCLIP(PreTrainedModel):
    config_class = Config
    def __init__(self, config):
        super().__init__(config)
        self.scale = torch.nn.Parameter(torch.ones(3))
        assert config.tokenizer_path.startswith("/")
        self.post_init()
    def encode_text(self, text):
        return self.scale * torch.tensor([1.0, len(text), 0.0])
    def encode_vision(self, pixels, test=False):
        assert pixels.shape == (1, 8, 3, 224, 224) and test
        return self.scale * pixels.mean((0, 1, 3, 4))[None]
"""


@pytest.fixture(autouse=True)
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine happens to have cached must not matter."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny networks under the names of the real ones."""
    folder = tmp_path_factory.mktemp("models")
    letters = [*string.ascii_lowercase, ".", ","]
    words = [*letters, *(c + "</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    shape = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    text = {"vocab_size": len(words), "bos_token_id": len(words) - 2, "eos_token_id": len(words) - 1,
            "pad_token_id": len(words) - 1, **shape}  # fmt: skip
    vision = {"image_size": 32, "patch_size": 16, **shape}
    torch.manual_seed(0)
    model = CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=8))
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor = CLIPProcessor(images, tokenizer)
    for name, parts in (
        ("PickScore_v1", [model]),
        ("CLIP-ViT-H-14-laion2B-s32B-b79K", [processor]),
        ("openai/clip-vit-large-patch14", [model, processor]),
    ):
        for part in parts:
            part.save_pretrained(folder / name)
    viclip = folder / "ViCLIP-L-14-hf"
    viclip.mkdir()
    (viclip / "viclip.py").write_text(VICLIP_CODE)
    mapped = {"AutoConfig": "viclip.Config", "AutoModel": "viclip.ViCLIP"}
    (viclip / "config.json").write_text(
        json.dumps({"model_type": "tiny_viclip", "architectures": ["ViCLIP"], "auto_map": mapped})
    )
    from safetensors.torch import save_file

    save_file(
        {"scale": torch.tensor([1.0, 0.5, 2.0])}, viclip / "model.safetensors", {"format": "pt"}
    )
    return folder


def test_pickscore_is_its_formula(models: Path) -> None:
    score = learned.load_pickscore(Where(models))
    frames = [*video((200, 60, 20), 5), *video((20, 60, 200), 5)]
    large = [np.asarray(Image.fromarray(f).resize((1344, 1008), 0)) for f in frames[:2]]
    model = CLIPModel.from_pretrained(models / "PickScore_v1")
    processor = CLIPProcessor.from_pretrained(models / "CLIP-ViT-H-14-laion2B-s32B-b79K")
    with torch.inference_mode():
        inputs = processor(
            text=["a red hat"], images=[Image.fromarray(f) for f in frames], return_tensors="pt"
        )
        expected = float(model(**inputs).logits_per_text.mean())
    assert score(frames, "a red hat") == pytest.approx(expected, abs=1e-4)
    assert score(frames, "a red hat") != pytest.approx(score(frames, "no"), abs=1e-4)
    assert score(large, "a red hat") == pytest.approx(score(frames[:2], "a red hat"), abs=0.02)
    score(frames[:1], "word " * 300)  # longer than its 77 tokens


def test_consistency_looks_at_neighbours(models: Path) -> None:
    score = learned.load_consistency(Where(models))
    still = [video((200, 60, 20))[0]] * 11
    rng = np.random.default_rng(0)
    wild = list(rng.integers(0, 255, (11, 48, 64, 3), dtype=np.uint8))
    assert score(still, "") == pytest.approx(100, abs=1e-3)
    # In a batch or across two, every neighbour counts once.
    pairs = [score(wild[i : i + 2], "") for i in range(10)]
    assert score(wild, "") == pytest.approx(float(np.mean(pairs)), abs=1e-3)
    assert score(wild, "") < 99.99
    with pytest.raises(ItemFailed, match="no neighbour"):
        score(still[:1], "")


def test_foreign_code_runs_only_when_trusted(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers.dynamic_module_utils as dynamic

    monkeypatch.setattr(dynamic, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(ModelMissing, match="brings its own code; --trust-code"):
        learned.load_alignment(Where(models))
    score = learned.load_alignment(Where(models, trust_code=True))
    frames = list(video((200, 60, 20), 20))
    chosen = np.stack([frames[int(i * 20 / 8)] for i in range(8)]) / 255
    # One colour a frame: resizing and cropping change nothing.
    mean, std = np.array([0.4814, 0.4578, 0.4082]), np.array([0.2686, 0.2613, 0.2758])
    seen = ((chosen - mean) / std).mean((0, 1, 2)) * (1.0, 0.5, 2.0)
    words = np.array([1.0, 9.0, 0.0]) * (1.0, 0.5, 2.0)
    cosine = seen @ words / np.linalg.norm(seen) / np.linalg.norm(words)
    assert score(frames, "a red hat") == pytest.approx(100 * cosine, abs=0.2)


def test_what_cannot_be_measured_is_said(
    run: Path, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", "--run", str(run), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "pickscore: not measured: the release has no target captions" in said
    assert (
        "temporal_consistency: not measured: model openai/clip-vit-large-patch14 not found" in said
    )
    assert json.loads((run / "not_measured.json").read_text()).keys() == {
        "pickscore", "text_alignment", "temporal_consistency",
    }  # fmt: skip
    (tmp_path / "broken" / "clip-vit-large-patch14").mkdir(parents=True)
    assert main(["score", "--run", str(run), "--quiet", "--models", str(tmp_path / "broken")]) == 0
    assert (
        "temporal_consistency: not measured: model openai/clip-vit-large-patch14 does not load"
        in (capsys.readouterr().out)
    )


def models_without_pickscore(models: Path, folder: Path) -> str:
    folder.mkdir()
    (folder / "clip-vit-large-patch14").symlink_to(models / "openai" / "clip-vit-large-patch14")
    return str(folder)


def test_captions_and_what_stands_in_for_them(
    run: Path, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captions = tmp_path / "captions.json"
    captions.write_text(json.dumps({e[0]: f"a picture, {e[3].lower()}" for e in ITEMS[:3]}))
    command = ["score", "--run", str(run), "--models", str(models), "--quiet"]
    assert main([*command, "--captions", str(captions)]) == 3
    said = capsys.readouterr()
    assert "pickscore: 3 scored, 0 scored before, 1 failed" in said.out
    assert "e-change-2: the captions have none for this item" in said.err
    assert (
        "text_alignment: not measured: model OpenGVLab/ViCLIP-L-14-hf brings its own code"
        in said.out
    )
    assert main([*command, "--caption-from-instruction"]) == 0
    said = capsys.readouterr()
    assert "pickscore_of_instruction: 4 scored" in said.out
    assert "temporal_consistency: 0 scored, 4 scored before, 0 failed" in said.out
    header, lines = read_journal(run / "scores_pickscore_of_instruction.jsonl")
    assert header["text"] == "instruction" and len(lines) == 4
    captions.write_text(json.dumps({"e-add": "another"}))
    # A refusal of one measure leaves the others their results, and is told before a network is loaded.
    (run / "scores_temporal_consistency.jsonl").unlink()
    broken = models_without_pickscore(models, tmp_path / "fewer")
    fewer = [broken if c == str(models) else c for c in command]
    assert main([*fewer, "--captions", str(captions)]) == 3
    said = capsys.readouterr()
    assert "pickscore: refused: " in said.err
    assert "was made in another way (captions_sha256" in said.err
    assert "temporal_consistency: 4 scored" in said.out
    assert not (run / "scores_text_alignment.jsonl").exists()
    for wrong in ("[]", "{}", '{"a": 1}', "no json"):
        captions.write_text(wrong)
        assert main([*command, "--captions", str(captions)]) == 2
