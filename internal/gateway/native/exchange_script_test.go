package native

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// tokenize splits at blanks outside of quotes.
func tokenize(line string) ([]string, error) {
	var tokens []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if i := strings.IndexByte(line, '"'); i >= 0 && i <= 1 {
			end := strings.IndexByte(line[i+1:], '"')
			if end < 0 {
				return nil, fmt.Errorf("quote not closed: %s", line)
			}
			tokens = append(tokens, line[:i+end+2])
			line = line[i+end+2:]
			continue
		}
		token, rest, _ := strings.Cut(line, " ")
		tokens = append(tokens, token)
		line = rest
	}
	return tokens, nil
}

// encode turns the tokens of one line into bytes.
func (x *exchange) encode(tokens []string) ([]byte, error) {
	if tokens[0] == "raw" {
		return items(tokens[1:])
	}
	v, err := strconv.Atoi(strings.TrimPrefix(tokens[0], "v"))
	if err != nil {
		return nil, err
	}
	h := wire.Header{Version: wire.Version(v)}
	op, err := opcode(tokens[1])
	if err != nil {
		return nil, err
	}
	h.Opcode = op
	if op == wire.OpStartup && h.Version >= wire.V5 && !x.segments {
		x.starting = true
	}
	length := -1
	rest := tokens[2:]
	for len(rest) > 0 {
		name, value, ok := strings.Cut(rest[0], "=")
		if !ok || strings.Contains(name, `"`) {
			break
		}
		base := 10
		if name == "flags" {
			base = 16
		}
		n, err := strconv.ParseInt(value, base, 64)
		if err != nil {
			return nil, err
		}
		switch name {
		case "stream":
			h.Stream = int16(n)
		case "flags":
			h.Flags = wire.Flags(n)
		case "len":
			length = int(uint32(n))
		}
		rest = rest[1:]
	}
	body, err := items(rest)
	if err != nil {
		return nil, err
	}
	if op == wire.OpStartup {
		if m, err := wire.DecodeStartup(body, h.Version); err == nil {
			if name, ok := m.Options[wire.OptionCompression]; ok {
				var err *cqlerr.Error
				x.comp, err = wire.ParseCompression(name, h.Version)
				x.refused = err != nil
			}
			x.lz4 = x.comp == wire.LZ4
		}
	}
	h.Length = uint32(len(body))
	if length >= 0 {
		h.Length = uint32(length)
	}
	return append(h.Append(nil), body...), nil
}

func opcode(name string) (wire.Opcode, error) {
	for op := range wire.Opcode(wire.OpcodeCount) {
		if op.String() == name {
			return op, nil
		}
	}
	n, err := strconv.ParseUint(name, 16, 8)
	return wire.Opcode(n), err
}

func items(tokens []string) ([]byte, error) {
	var b []byte
	for _, token := range tokens {
		kind, text, quoted := strings.Cut(token, `"`)
		text = strings.TrimSuffix(text, `"`)
		if !quoted {
			digits, count, repeated := strings.Cut(strings.Replace(token, "zero*", "00*", 1), "*")
			bytes, err := hex.DecodeString(digits)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", token, err)
			}
			n := 1
			if repeated {
				if n, err = strconv.Atoi(count); err != nil {
					return nil, err
				}
			}
			b = append(b, slices.Repeat(bytes, n)...)
			continue
		}
		switch kind {
		case "":
			b = append(b, text...)
		case "s":
			b = wire.AppendString(b, text)
		case "l", "b":
			b = wire.AppendLongString(b, text)
		default:
			return nil, fmt.Errorf("item %s", token)
		}
	}
	return b, nil
}

// segment is how the bytes of a group are wrapped.
type segment struct{ lz4, uncontained, badHeader, badBody bool }

func parseSegment(tokens []string) (*segment, []string) {
	s := &segment{}
	for i, token := range tokens {
		switch token {
		case "lz4":
			s.lz4 = true
		case "uncontained":
			s.uncontained = true
		case "badheader":
			s.badHeader = true
		case "badbody":
			s.badBody = true
		default:
			return s, tokens[i:]
		}
	}
	return s, nil
}

// encode is written apart from package wire, so that the two check each other.
func (s *segment) encode(payload []byte) []byte {
	bits, n := uint64(len(payload)), 3
	bit := uint64(1) << 17
	if s.lz4 { // stored as it is: uncompressed length 0
		n, bit = 5, 1<<34
	}
	if !s.uncontained {
		bits |= bit
	}
	header := make([]byte, 8)
	binary.LittleEndian.PutUint64(header, bits)
	b := slices.Clone(header[:n])
	crc := bitwiseCRC24(b)
	if s.badHeader {
		crc ^= 1
	}
	b = append(b, byte(crc), byte(crc>>8), byte(crc>>16))
	b = append(b, payload...)
	sum := plainCRC32(append([]byte{0xFA, 0x2D, 0x55, 0xCA}, payload...))
	if s.badBody {
		sum ^= 1
	}
	return binary.LittleEndian.AppendUint32(b, sum)
}

func bitwiseCRC24(b []byte) uint32 {
	crc := uint32(0x875060)
	for _, c := range b {
		crc ^= uint32(c) << 16
		for range 8 {
			if crc <<= 1; crc&0x1000000 != 0 {
				crc ^= 0x1974F0B
			}
		}
	}
	return crc
}

func plainCRC32(b []byte) uint32 {
	crc := ^uint32(0)
	for _, c := range b {
		crc ^= uint32(c)
		for range 8 {
			crc = crc>>1 ^ 0xEDB88320&-(crc&1)
		}
	}
	return ^crc
}
