"""The replay's own geometry against the engine's, over all labware that it ships."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulate.wells import well_model

NAMES = [
    ("nest_96_wellplate_2ml_deep", 5),
    ("nest_1_reservoir_195ml", 3),
    ("opentrons_24_tuberack_eppendorf_2ml_safelock_snapcap", 3),
    ("opentrons_15_tuberack_falcon_15ml_conical", 3),
    ("nest_96_wellplate_100ul_pcr_full_skirt", 4),
]


@pytest.mark.parametrize(("name", "version"), NAMES)
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.95])
def test_heights_agree_with_the_engine(name: str, version: int, share: float) -> None:
    import opentrons_shared_data
    from opentrons.protocol_engine.state.inner_well_math_utils import (
        find_height_inner_well_geometry,
    )
    from opentrons_shared_data.labware.labware_definition import labware_definition_type_adapter

    folder = Path(opentrons_shared_data.__file__).parent / "data/labware/definitions/2" / name
    definition = json.loads((folder / f"{version}.json").read_text(encoding="utf-8"))
    geometries = labware_definition_type_adapter.validate_python(definition).innerLabwareGeometry
    assert geometries is not None
    geometry = geometries[definition["wells"]["A1"]["geometryDefinitionId"]]
    model = well_model(definition, "A1")
    volume = share * model.geometric_ul
    expected = find_height_inner_well_geometry(volume, geometry)
    assert model.height_mm(volume) == pytest.approx(expected, abs=0.005)
    assert model.volume_ul(model.height_mm(volume)) == pytest.approx(volume, rel=1e-6)
