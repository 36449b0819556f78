"""What the machine is, and work shared by its cores."""

from ssvae.hardware import cores_here, machine, on_all_cores, peak_memory


def test_machine_says_its_cores():
    assert machine().endswith(f"{len(cores_here())} cores")


def test_results_of_all_cores_keep_the_order_of_the_parts():
    assert on_all_cores(lambda part: part**2, range(5)) == [0, 1, 4, 9, 16]


def test_peak_memory_is_in_gib():
    assert 0.01 < peak_memory() < 1000
