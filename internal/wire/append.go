package wire

import (
	"encoding/binary"
	"net/netip"
	"unicode/utf8"
)

// The notations of native_protocol_v5.spec §3, appended to dst.

// AppendShort appends a [short].
func AppendShort(dst []byte, n uint16) []byte { return binary.BigEndian.AppendUint16(dst, n) }

// AppendInt appends an [int].
func AppendInt(dst []byte, n int32) []byte { return binary.BigEndian.AppendUint32(dst, uint32(n)) }

// AppendLong appends a [long].
func AppendLong(dst []byte, n int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(n)) }

// AppendString appends a [string]; one that its length can't express is cut
// at the last whole character.
func AppendString(dst []byte, s string) []byte {
	if len(s) > MaxStringLength {
		end := MaxStringLength
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	return append(AppendShort(dst, uint16(len(s))), s...)
}

// AppendLongString appends a [long string].
func AppendLongString(dst []byte, s string) []byte {
	return append(AppendInt(dst, int32(len(s))), s...)
}

// AppendShortBytes appends a [short bytes] of at most 64 KiB - 1.
func AppendShortBytes(dst, b []byte) []byte {
	return append(AppendShort(dst, uint16(len(b))), b...)
}

// AppendBytes appends a [bytes]; nil is null.
func AppendBytes(dst, b []byte) []byte {
	if b == nil {
		return AppendInt(dst, -1)
	}
	return append(AppendInt(dst, int32(len(b))), b...)
}

// AppendStrings appends a [string list].
func AppendStrings(dst []byte, list []string) []byte {
	if len(list) > MaxStringLength {
		list = list[:MaxStringLength]
	}
	dst = AppendShort(dst, uint16(len(list)))
	for _, s := range list {
		dst = AppendString(dst, s)
	}
	return dst
}

// AppendBytesMap appends a [bytes map].
func AppendBytesMap(dst []byte, m map[string][]byte) []byte {
	dst = AppendShort(dst, uint16(len(m)))
	for key, value := range m {
		dst = AppendBytes(AppendString(dst, key), value)
	}
	return dst
}

// AppendInet appends an [inet]: the size of the address, the address, the port
// as an [int].
func AppendInet(dst []byte, a netip.AddrPort) []byte {
	ip := a.Addr().Unmap().AsSlice()
	dst = append(append(dst, byte(len(ip))), ip...)
	return AppendInt(dst, int32(a.Port()))
}
