//go:build !linux

package steady

import (
	"net"
	"testing"
)

// Address is an address on 127.0.0.1 that nobody listens on. Systems other than
// Linux let no two sockets have a port, so that here somebody else may take it.
func Address(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
