package steady

import (
	"net"
	"testing"
)

// TestAddress: connections are refused while nobody listens, and a server may
// come and go and come back.
func TestAddress(t *testing.T) {
	address := Address(t)
	for range 3 {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			t.Fatal("somebody listens")
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		_ = l.Close()
	}
	if other := Address(t); other == address {
		t.Errorf("%s is given twice", address)
	}
}

// TestAllocs: what allocates is found out, and what does so once in a while is not.
func TestAllocs(t *testing.T) {
	var kept []*[64]byte
	if n := Allocs(0, 10, func() { kept = append(kept[:0], new([64]byte)) }); n != 1 {
		t.Errorf("%v allocations, want 1", n)
	}
	calls := 0
	if n := Allocs(0, 10, func() {
		if calls++; calls < 20 {
			kept = append(kept[:0], new([64]byte))
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
