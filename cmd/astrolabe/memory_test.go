package main

import "testing"

func TestGarbagePercent(t *testing.T) {
	for _, c := range []struct {
		live, scanned uint64
		want          int
	}{
		{10 << 20, 10 << 20, 100},
		{256 << 20, 0, 100},
		{512 << 20, 20 << 20, 25},   // mostly values: 128 MB more
		{512 << 20, 100 << 20, 78},  // four times what is looked through
		{512 << 20, 512 << 20, 100}, // a heap as others
		{4 << 30, 4 << 30, 100},     // a large one
		{4 << 30, 64 << 20, 6},      // 256 MB more
	} {
		if got := garbagePercent(c.live, c.scanned); got != c.want {
			t.Errorf("%d MB in use, %d MB looked through: %d percent, not %d", c.live>>20, c.scanned>>20, got, c.want)
		}
	}
}

func TestRequestBytes(t *testing.T) {
	for memory, want := range map[int64]int64{256 << 20: 32 << 20, 1 << 30: 32 << 20, 2 << 30: 64 << 20, 64 << 30: 64 << 20} {
		if got := requestBytes(memory); got != want {
			t.Errorf("%d MB of memory: %d MB for requests, not %d", memory>>20, got>>20, want>>20)
		}
	}
}
