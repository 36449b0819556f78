"""What the machine is."""

from ssvae.hardware import cores_here, machine


def test_the_machine_is_named_with_its_cores():
    assert machine().endswith(f"{len(cores_here())} cores")
