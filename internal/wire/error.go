package wire

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Error is an ERROR message (native_protocol_v5.spec §4.2.1 and §9).
type Error struct{ Err *cqlerr.Error }

const writeTypeCAS = "CAS"

// AppendBody appends the message's body. Codes that v does not know are sent
// as their nearest relative, as ErrorMessage.getBackwardsCompatibleException does.
func (m Error) AppendBody(dst []byte, v Version) []byte {
	e := compatible(m.Err, v)
	dst = AppendString(AppendInt(dst, int32(e.Code)), e.Message)
	switch e.Code {
	case cqlerr.Unavailable:
		dst = AppendShort(dst, e.Consistency)
		return AppendInt(AppendInt(dst, e.BlockFor), e.Alive)
	case cqlerr.ReadTimeout:
		return appendBool(appendResponses(dst, e), e.DataPresent)
	case cqlerr.WriteTimeout:
		dst = AppendString(appendResponses(dst, e), e.WriteType)
		if v >= V5 && e.WriteType == writeTypeCAS {
			dst = AppendShort(dst, e.Contentions)
		}
		return dst
	case cqlerr.ReadFailure:
		return appendBool(appendFailures(appendResponses(dst, e), e, v), e.DataPresent)
	case cqlerr.WriteFailure:
		return AppendString(appendFailures(appendResponses(dst, e), e, v), e.WriteType)
	case cqlerr.CASWriteUnknown:
		return appendResponses(dst, e)
	case cqlerr.FunctionFailure:
		dst = AppendString(AppendString(dst, e.Keyspace), e.Function)
		return AppendStrings(dst, e.ArgTypes)
	case cqlerr.AlreadyExists:
		return AppendString(AppendString(dst, e.Keyspace), e.Table)
	case cqlerr.Unprepared:
		return AppendShortBytes(dst, e.ID)
	default:
		return dst
	}
}

// appendResponses appends <cl><received><blockfor>.
func appendResponses(dst []byte, e *cqlerr.Error) []byte {
	dst = AppendShort(dst, e.Consistency)
	return AppendInt(AppendInt(dst, e.Received), e.BlockFor)
}

// appendFailures appends <reasonmap> in v5, the number of failures before.
func appendFailures(dst []byte, e *cqlerr.Error, v Version) []byte {
	if v < V5 {
		return AppendInt(dst, int32(len(e.Failures)))
	}
	replicas := make([]string, 0, len(e.Failures))
	for replica := range e.Failures {
		if _, err := netip.ParseAddr(replica); err == nil {
			replicas = append(replicas, replica)
		}
	}
	slices.Sort(replicas)
	dst = AppendInt(dst, int32(len(replicas)))
	for _, replica := range replicas {
		address := netip.MustParseAddr(replica).AsSlice()
		dst = append(append(dst, byte(len(address))), address...)
		dst = AppendShort(dst, e.Failures[replica])
	}
	return dst
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// compatible returns e as a client of version v can understand it.
func compatible(e *cqlerr.Error, v Version) *cqlerr.Error {
	as := func(code cqlerr.Code, message string) *cqlerr.Error {
		c := *e
		c.Code, c.Message = code, message
		return &c
	}
	timedOut := fmt.Sprintf("Operation timed out - received only %d responses.", e.Received)
	switch {
	case v < V4 && e.Code == cqlerr.ReadFailure:
		return as(cqlerr.ReadTimeout, timedOut)
	case v < V4 && e.Code == cqlerr.WriteFailure:
		return as(cqlerr.WriteTimeout, timedOut)
	case v < V4 && (e.Code == cqlerr.FunctionFailure || e.Code == cqlerr.CDCWriteFailure):
		return as(cqlerr.Invalid, e.Message)
	case v < V5 && e.Code == cqlerr.CASWriteUnknown:
		c := as(cqlerr.WriteTimeout, timedOut)
		c.WriteType = writeTypeCAS
		return c
	}
	return e
}

// DecodeError decodes the body of an ERROR, for clients.
func DecodeError(body []byte, v Version) (*cqlerr.Error, *cqlerr.Error) {
	r := NewReader(body, v)
	e := &cqlerr.Error{Code: cqlerr.Code(r.Int()), Message: r.String()}
	switch e.Code {
	case cqlerr.Unavailable:
		e.Consistency, e.BlockFor, e.Alive = r.Short(), r.Int(), r.Int()
	case cqlerr.ReadTimeout, cqlerr.WriteTimeout, cqlerr.ReadFailure, cqlerr.WriteFailure, cqlerr.CASWriteUnknown:
		r.replicaError(e)
	case cqlerr.FunctionFailure:
		e.Keyspace, e.Function, e.ArgTypes = r.String(), r.String(), r.Strings()
	case cqlerr.AlreadyExists:
		e.Keyspace, e.Table = r.String(), r.String()
	case cqlerr.Unprepared:
		e.ID = r.ShortBytes()
	}
	return e, r.err
}

// replicaError reads the fields of timeouts and failures.
func (r *Reader) replicaError(e *cqlerr.Error) {
	e.Consistency, e.Received, e.BlockFor = r.Short(), r.Int(), r.Int()
	if e.Code == cqlerr.ReadFailure || e.Code == cqlerr.WriteFailure {
		n := r.Int()
		for i := int32(0); r.version >= V5 && i < n && r.err == nil; i++ {
			if address, ok := netip.AddrFromSlice(r.take(int(r.Byte()), "an [inetaddr]")); ok {
				if e.Failures == nil {
					e.Failures = map[string]uint16{}
				}
				e.Failures[address.String()] = r.Short()
			}
		}
	}
	switch e.Code {
	case cqlerr.ReadTimeout, cqlerr.ReadFailure:
		e.DataPresent = r.Byte() != 0
	case cqlerr.WriteTimeout, cqlerr.WriteFailure:
		e.WriteType = r.String()
		if e.Code == cqlerr.WriteTimeout && e.WriteType == writeTypeCAS && r.version >= V5 {
			e.Contentions = r.Short()
		}
	}
}
