"""The command ``pension award-form``."""

from __future__ import annotations

import json
import sys

import pytest

from pension import cli

GUANGXI = (
    "award-form --province 45 --award 2026-05 --index 0.8827 --months 381 --deemed-months 135"
    " --balance 97201.56 --age-months 660"
)


def called(arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["pension", *arguments.split()])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_a_form_on_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert called(GUANGXI, monkeypatch) == 0
    out = capsys.readouterr().out
    for printed in ("2087.1", "970.9", "571.8", "3629.8"):
        assert printed in out
    assert called(f"{GUANGXI} --lang zh", monkeypatch) == 0
    assert "核定表" in capsys.readouterr().out
    assert called(f"{GUANGXI} --json", monkeypatch) == 0
    assert json.loads(capsys.readouterr().out)["place"] == 45


def test_missing_inputs_are_bad_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("award-form --province 45 --award 2026-05", monkeypatch) == cli.BAD_INPUT
    assert "average_index: missing" in capsys.readouterr().err
