package wire

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// TestErrorBodies checks the fields behind the message of each code against
// the layouts of native_protocol_v{3,4,5}.spec §9. The message is always "m".
func TestErrorBodies(t *testing.T) {
	failures := map[string]uint16{"127.0.0.1": 1, "::1": 2}
	cases := []struct {
		name    string
		version Version
		err     cqlerr.Error
		want    string // behind the message
		code    cqlerr.Code
	}{
		{"server error", V4, cqlerr.Error{Code: cqlerr.ServerError}, "", cqlerr.ServerError},
		{"unavailable", V4, cqlerr.Error{Code: cqlerr.Unavailable, Consistency: 4, BlockFor: 2, Alive: 1}, "0004 00000002 00000001", cqlerr.Unavailable},
		{"read timeout", V4, cqlerr.Error{Code: cqlerr.ReadTimeout, Consistency: 1, Received: 1, BlockFor: 2, DataPresent: true}, "0001 00000001 00000002 01", cqlerr.ReadTimeout},
		{"write timeout", V4, cqlerr.Error{Code: cqlerr.WriteTimeout, Consistency: 1, BlockFor: 2, WriteType: "SIMPLE"}, "0001 00000000 00000002 0006 53494d504c45", cqlerr.WriteTimeout},
		{"CAS timeout v4", V4, cqlerr.Error{Code: cqlerr.WriteTimeout, Consistency: 8, BlockFor: 2, WriteType: "CAS", Contentions: 7}, "0008 00000000 00000002 0003 434153", cqlerr.WriteTimeout},
		{"CAS timeout v5", V5, cqlerr.Error{Code: cqlerr.WriteTimeout, Consistency: 8, BlockFor: 2, WriteType: "CAS", Contentions: 7}, "0008 00000000 00000002 0003 434153 0007", cqlerr.WriteTimeout},
		{"read failure v4", V4, cqlerr.Error{Code: cqlerr.ReadFailure, Consistency: 1, Received: 1, BlockFor: 2, Failures: failures}, "0001 00000001 00000002 00000002 00", cqlerr.ReadFailure},
		{"read failure v5", V5, cqlerr.Error{Code: cqlerr.ReadFailure, Consistency: 1, Received: 1, BlockFor: 2, Failures: failures},
			"0001 00000001 00000002 00000002 04 7f000001 0001 10 00000000000000000000000000000001 0002 00", cqlerr.ReadFailure},
		{"write failure v5", V5, cqlerr.Error{Code: cqlerr.WriteFailure, Consistency: 1, BlockFor: 1, WriteType: "BATCH"}, "0001 00000000 00000001 00000000 0005 4241544348", cqlerr.WriteFailure},
		{"read failure v3", V3, cqlerr.Error{Code: cqlerr.ReadFailure, Consistency: 1, Received: 1, BlockFor: 2}, "0001 00000001 00000002 00", cqlerr.ReadTimeout},
		{"write failure v3", V3, cqlerr.Error{Code: cqlerr.WriteFailure, Consistency: 1, WriteType: "SIMPLE"}, "0001 00000000 00000000 0006 53494d504c45", cqlerr.WriteTimeout},
		{"function failure", V4, cqlerr.Error{Code: cqlerr.FunctionFailure, Keyspace: "k", Function: "f", ArgTypes: []string{"int"}}, "0001 6b 0001 66 0001 0003 696e74", cqlerr.FunctionFailure},
		{"function failure v3", V3, cqlerr.Error{Code: cqlerr.FunctionFailure, Keyspace: "k", Function: "f"}, "", cqlerr.Invalid},
		{"CDC v3", V3, cqlerr.Error{Code: cqlerr.CDCWriteFailure}, "", cqlerr.Invalid},
		{"CDC v4", V4, cqlerr.Error{Code: cqlerr.CDCWriteFailure}, "", cqlerr.CDCWriteFailure},
		{"CAS unknown v5", V5, cqlerr.Error{Code: cqlerr.CASWriteUnknown, Consistency: 8, Received: 1, BlockFor: 2}, "0008 00000001 00000002", cqlerr.CASWriteUnknown},
		{"CAS unknown v4", V4, cqlerr.Error{Code: cqlerr.CASWriteUnknown, Consistency: 8, Received: 1, BlockFor: 2}, "0008 00000001 00000002 0003 434153", cqlerr.WriteTimeout},
		{"keyspace exists", V4, cqlerr.Error{Code: cqlerr.AlreadyExists, Keyspace: "wt"}, "0002 7774 0000", cqlerr.AlreadyExists},
		{"table exists", V4, cqlerr.Error{Code: cqlerr.AlreadyExists, Keyspace: "wt", Table: "c"}, "0002 7774 0001 63", cqlerr.AlreadyExists},
		{"unprepared", V4, cqlerr.Error{Code: cqlerr.Unprepared, ID: []byte{1, 2, 3}}, "0003 010203", cqlerr.Unprepared},
	}
	for _, c := range cases {
		c.err.Message = "m"
		body := Error{&c.err}.AppendBody(nil, c.version)
		r := NewReader(body, c.version)
		code, message := cqlerr.Code(r.Int()), r.String()
		if code != c.code {
			t.Errorf("%s: code 0x%04X, want 0x%04X", c.name, code, c.code)
		}
		if code == c.err.Code && message != "m" {
			t.Errorf("%s: message %q", c.name, message)
		}
		if got, want := hex.EncodeToString(r.rest), strings.ReplaceAll(c.want, " ", ""); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
		back, err := DecodeError(body, c.version)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if code == c.err.Code && c.version == V5 && !reflect.DeepEqual(*back, c.err) {
			t.Errorf("%s: decoded as %+v", c.name, *back)
		}
	}
}

// TestLongMessage: an error text longer than a [string] can be is cut, at a
// whole character.
func TestLongMessage(t *testing.T) {
	body := Error{cqlerr.New(cqlerr.Invalid, strings.Repeat("é", 40000))}.AppendBody(nil, V4)
	e, err := DecodeError(body, V4)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("é", MaxStringLength/2); e.Message != want {
		t.Errorf("%d bytes of message, want %d", len(e.Message), len(want))
	}
}
