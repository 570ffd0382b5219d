from derive import pipeline
from derive.emit.graph.network import Read, reads, step_losses, weights
from derive.system import System


def system(text: str) -> System:
    return pipeline.parse(text).system


def arrows(found: tuple[Read, ...]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Who is read by whom, with which parameters."""
    return {(f"{r.source}{list(r.at)}", f"{r.target}{list(r.to)}", r.labels) for r in found}


def test_what_a_value_meets_is_its_label() -> None:
    assert arrows(reads(pipeline.load("vanilla").system)) == {
        ("h[t - 1]", "a[t]", ("W",)),
        ("x[t]", "a[t]", ("U",)),
        ("a[t]", "h[t]", ()),
        ("h[t]", "o[t]", ("V",)),
        ("o[t]", "yhat[t]", ()),
        # The log of the sum of exponentials has no name in the file.
        ("yhat[t]", "loss[t]", ()),
        ("y[t]", "loss[t]", ()),
    }


def test_the_innermost_product_counts() -> None:
    found = reads(system("x: Input[T, n]\nW: Param[n, n]\nv: Param[n]\nloss = sum(dot(v, tanh(W @ x[t])), t)"))
    assert arrows(found) == {("x[t]", "loss[t]", ("W",))}


def test_a_look_up_meets_what_it_is_looked_up_in() -> None:
    found = reads(system("w: Index[T, n]\nE: Param[n, m]\nx[t] = E[w[t]]\nloss = sum(sum(x[t]), t)"))
    assert ("w[t]", "x[t]", ("E",)) in arrows(found)


def test_what_is_made_of_parameters_alone_is_a_parameter() -> None:
    assert weights(pipeline.load("clockwork").system) >= {"W", "M"}
    assert all(r.source != "M" for r in reads(pipeline.load("clockwork").system))


def test_a_weight_that_is_zero_reads_nothing() -> None:
    found = [r for r in reads(pipeline.load("self_attention").system) if (r.source, r.target) == ("v", "a")]
    assert [[(str(condition), holds) for condition, holds in r.when] for r in found] == [[("less_equal(t1, t)", True)]]


def test_a_condition_on_steps_says_when_something_is_read() -> None:
    found = reads(system("x: Input[T]\nz: Input[T]\nv[t] = where(t < 3, x[t], z[t])\nloss = sum(v[t], t)"))
    assert {(r.source, r.when[0][1]) for r in found if r.target == "v"} == {("x", True), ("z", False)}


def test_a_loss_that_is_a_sum_over_steps_has_a_part_at_each() -> None:
    assert [index.name for index in step_losses(pipeline.load("vanilla").system)] == ["t"]
    # A penalty on parameters does not change that; any other term does.
    assert step_losses(pipeline.load("echo_state").system)
    assert not step_losses(pipeline.load("crf").system)
    assert not step_losses(system("x: Input[T]\nloss = sum(x[t], t) + x[1]"))
