package cqltype

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// AppendInetText appends an address as Java's InetAddress.getHostAddress: four
// numbers, or eight hexadecimal groups, none left out.
func AppendInetText(dst, wire []byte) []byte {
	addr, ok := netip.AddrFromSlice(wire)
	if !ok {
		return dst
	}
	if addr = addr.Unmap(); addr.Is4() {
		return addr.AppendTo(dst)
	}
	for i := 0; i < 16; i += 2 {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16(wire[i:])), 16)
	}
	return dst
}

// ParseInet returns the 4 or 16 bytes of an address (InetAddress.getByName).
// IPv4 may have fewer than four parts, the last filling the rest; IPv6 may be
// in brackets; an IPv4-mapped address becomes IPv4. Host names, which
// Cassandra would look up, are refused.
func ParseInet(text string) ([]byte, error) {
	literal := text
	if strings.HasPrefix(literal, "[") && strings.HasSuffix(literal, "]") {
		literal = literal[1 : len(literal)-1]
	}
	if strings.Contains(literal, ":") {
		if addr, err := netip.ParseAddr(literal); err == nil && (addr.Zone() == "" || isDigits(addr.Zone())) {
			return addr.WithZone("").Unmap().AsSlice(), nil
		}
	} else if b, ok := parseIPv4(literal); ok && literal == text {
		return b, nil
	}
	return nil, cqlerr.Invalidf("Unable to make inet address from '%s'", text)
}

// parseIPv4 reads one to four numbers; the last fills the bytes that the
// others leave.
func parseIPv4(text string) ([]byte, bool) {
	parts := strings.Split(text, ".")
	if len(text) > 15 || len(parts) > 4 {
		return nil, false
	}
	var addr uint32
	for i, part := range parts {
		bits, shift := 8, 8*(3-i)
		if i == len(parts)-1 {
			bits, shift = 8*(4-i), 0
		}
		v, err := strconv.ParseUint(part, 10, bits)
		if err != nil || !isDigits(part) {
			return nil, false
		}
		addr |= uint32(v) << shift
	}
	return binary.BigEndian.AppendUint32(nil, addr), true
}
