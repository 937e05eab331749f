package value

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
)

// appendTime reads a date, time or timestamp. A date may be a number, the days
// as CQL has them on the wire; a timestamp may be milliseconds.
func appendTime(dst []byte, kind cqltype.Kind, in exec.Input) ([]byte, error) {
	number, isNumber := int64(0), in.Kind() == exec.Int
	if isNumber {
		n, err := in.Int64(64)
		if err != nil {
			return dst, fmt.Errorf("Out of range")
		}
		number = n
	} else if in.Kind() != exec.String {
		return dst, fmt.Errorf("Expected a string literal")
	}
	text := in.Str()
	switch kind {
	case cqltype.Date:
		if isNumber {
			if number < 0 || number > 1<<32-1 {
				return dst, fmt.Errorf("Out of range")
			}
			return binary.BigEndian.AppendUint32(dst, uint32(number)), nil
		}
		days, err := cqltype.ParseDate(text)
		if err != nil || !strings.Contains(text, "-") {
			return dst, fmt.Errorf("Couldn't parse literal, expected ISO-8601 extended local date format (YYYY-MM-DD)")
		}
		return binary.BigEndian.AppendUint32(dst, days), nil
	case cqltype.Time:
		nanos, err := cqltype.ParseTime(withSeconds(text))
		if err != nil || isNumber || !strings.Contains(text, ":") {
			return dst, fmt.Errorf("Couldn't parse literal, expected ISO-8601 extended local time format (HH:MM:SS[s.sss])")
		}
		return binary.BigEndian.AppendUint64(dst, uint64(nanos)), nil
	}
	if isNumber {
		return binary.BigEndian.AppendUint64(dst, uint64(number)), nil
	}
	millis, err := cqltype.ParseTimestamp(text)
	if err != nil || !strings.ContainsAny(text, ":-") || strings.HasPrefix(text, "-") && strings.Count(text, "-") == 1 {
		return dst, fmt.Errorf("Cannot parse Timestamp value")
	}
	return binary.BigEndian.AppendUint64(dst, uint64(millis)), nil
}

// withSeconds adds the seconds that ISO 8601 lets out.
func withSeconds(text string) string {
	if strings.Count(text, ":") == 1 {
		return text + ":00"
	}
	return text
}
