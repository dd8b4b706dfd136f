"""Failures are counted for each address, in constant memory."""

from __future__ import annotations

from onrecord.identity.throttle import MOST_ADDRESSES, WINDOW, FailureCounter, network_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_address_has_its_own_window() -> None:
    clock = Clock()
    counter = FailureCounter(clock)
    assert [counter.count("192.0.2.1") for _ in range(3)] == [1, 2, 3]
    assert counter.count("192.0.2.2") == 1
    assert counter.seconds_left("192.0.2.1") == WINDOW + 1
    clock.now += WINDOW - 1
    assert counter.seconds_left("192.0.2.1") == 2
    clock.now += 1
    assert counter.count("192.0.2.1") == 1


def test_memory_is_bounded_and_the_busy_are_remembered() -> None:
    counter = FailureCounter(Clock())
    for number in range(3 * MOST_ADDRESSES):
        counter.count(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        if number % 1000 == 0:
            counter.count("192.0.2.1")
    assert len(counter) == MOST_ADDRESSES
    assert counter.count("192.0.2.1") > 10


def test_one_household_of_ipv6_is_one_sender() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::")
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert network_of("not an address") == network_of("")
