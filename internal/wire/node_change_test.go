package wire

import (
	"encoding/hex"
	"net/netip"
	"testing"
)

// TestNodeChange checks the bytes of native_protocol_v5.spec §4.2.6, and that
// they are read back.
func TestNodeChange(t *testing.T) {
	for _, c := range []struct {
		body NodeChangeBody
		want string
	}{
		{NodeChangeBody{TopologyChangeEvent, "NEW_NODE", netip.MustParseAddrPort("127.0.0.2:9042")},
			"000f" + hex.EncodeToString([]byte("TOPOLOGY_CHANGE")) + "0008" + hex.EncodeToString([]byte("NEW_NODE")) + "047f000002" + "00002352"},
		{NodeChangeBody{StatusChangeEvent, "DOWN", netip.MustParseAddrPort("[2001:db8::1]:9142")},
			"000d" + hex.EncodeToString([]byte("STATUS_CHANGE")) + "0004" + hex.EncodeToString([]byte("DOWN")) + "1020010db8000000000000000000000001" + "000023b6"},
	} {
		got := c.body.AppendBody(nil, V5)
		if hex.EncodeToString(got) != c.want {
			t.Errorf("%+v: %x, want %s", c.body, got, c.want)
		}
		if back, err := DecodeNodeChange(got, V5); err != nil || back != c.body {
			t.Errorf("%+v reads back as %+v, %v", c.body, back, err)
		}
		for n := range got {
			if _, err := DecodeNodeChange(got[:n], V5); err == nil {
				t.Errorf("%+v cut to %d bytes is read", c.body, n)
			}
		}
	}
}
