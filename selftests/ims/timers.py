#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Timers for programs that wait in select()."""

import heapq
import itertools
import time


class Timers:
    """Calls functions when their time has come; the owner's loop calls run()."""

    def __init__(self):
        self.heap = []
        self.serial = itertools.count()

    def after(self, seconds, call):
        """A timer; give it to cancel() to stop it."""
        timer = [time.monotonic() + seconds, next(self.serial), call]
        heapq.heappush(self.heap, timer)
        return timer

    @staticmethod
    def cancel(timer):
        if timer is not None:
            timer[2] = None

    def left(self, most=None):
        """Seconds until the next one, at most `most`; None: nothing to wait for."""
        while self.heap and self.heap[0][2] is None:
            heapq.heappop(self.heap)
        if not self.heap:
            return most
        left = max(self.heap[0][0] - time.monotonic(), 0)
        return left if most is None else min(left, most)

    def run(self):
        """What is due now."""
        while self.left() == 0:
            call = heapq.heappop(self.heap)[2]
            call()
