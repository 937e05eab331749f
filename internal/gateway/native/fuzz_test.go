package native

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// FuzzConnection lets a client send anything, from its first byte on or on a
// ready connection: every request ends, nothing stays held.
func FuzzConnection(f *testing.F) {
	for _, path := range []string{"protocol/requests_v4", "protocol/requests_v5", "protocol/segments", "protocol/startup"} {
		text, err := os.ReadFile(filepath.Join("testdata", path))
		if err != nil {
			f.Fatal(err)
		}
		for _, block := range strings.Split(string(text), "exchange\n")[1:] {
			script, _, _ := strings.Cut(block, "----")
			x := &exchange{}
			var all []byte
			for _, group := range groups(script) {
				b, err := x.bytes(group)
				if err != nil {
					f.Fatal(err)
				}
				all = append(all, b...)
			}
			f.Add(byte(0), all)
		}
	}
	f.Add(byte(wire.V4), wire.Header{Version: wire.V4, Opcode: wire.OpOptions}.Append(nil))
	s := startServer(f, Options{})
	f.Fuzz(func(t *testing.T, version byte, b []byte) {
		c := newConn(s, &cannedConn{piece: b, left: 1})
		if v := wire.Version(version); v >= wire.V3 && v <= wire.V5 {
			c.version, c.negotiated = v, true
			c.in.Negotiated(v)
			c.setFraming(wire.NoCompression)
			var everybody Session = anonymous{}
			c.session.Store(&everybody)
			c.becomeReady()
		}
		c.finish(c.read())
		if n := s.inFlight.Used() + s.bytes.Used() + c.inFlight.Used(); n != 0 {
			t.Fatalf("%d requests or bytes are still held", n)
		}
		if c.w.writing || !c.w.closed {
			t.Fatal("still writing")
		}
	})
}
