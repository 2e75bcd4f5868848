"""What a file says of its data and settings is known before any data are read."""

from netlang import SourceFile, Table
from netlang.compiler.passes.stated import stated


def test_data_are_told_as_the_file_names_them_and_are_not_read() -> None:
    text = 'hidden = 8\nnet = Linear(_, hidden)\ndata = Table("absent.csv", target="a")\nloss = MSE'
    found = stated(SourceFile("a.net", text), ['data.missing="median"'])
    assert isinstance(found.data, Table)
    assert (found.data.target, found.data.missing) == ("a", "median")
    assert found.settings == {"net", "data", "loss"}
    assert found.values["hidden"] == 8
    assert found.values["net"] == "Linear(_, hidden)"
    assert found.values["data.missing"] == "median"


def test_a_file_that_cannot_be_read_states_nothing() -> None:
    assert stated(SourceFile("a.net", "net = (\x00")).data is None
