import pytest

import pension
from pension.parameters import Parameters


@pytest.fixture(scope="session")
def parameters() -> Parameters:
    return pension.load_parameters()
