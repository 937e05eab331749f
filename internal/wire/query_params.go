package wire

import "math"

// The flags of QueryParams (native_protocol_v5.spec §4.1.4); a [byte] before
// version 5, an [int] since.
const (
	queryValues            = 0x0001
	querySkipMetadata      = 0x0002
	queryPageSize          = 0x0004
	queryPagingState       = 0x0008
	querySerialConsistency = 0x0010
	queryTimestamp         = 0x0020
	queryNamesForValues    = 0x0040
	queryKeyspace          = 0x0080
	queryNowInSeconds      = 0x0100
)

const (
	maxConsistency    = 0x000B // NODE_LOCAL
	consistencySerial = 0x0008
)

// QueryParams are the <query_parameters> of QUERY, EXECUTE and BATCH. Byte
// slices point into the decoded body.
type QueryParams struct {
	Consistency uint16
	Values      []Value
	// Names of the values, parallel to Values, or empty.
	Names        [][]byte
	SkipMetadata bool
	// PageSize is -1 when not given.
	PageSize    int32
	PagingState []byte
	// SerialConsistency is SERIAL when not given.
	SerialConsistency uint16
	HasTimestamp      bool
	Timestamp         int64
	// Keyspace of this request alone (v5).
	HasKeyspace     bool
	Keyspace        string
	HasNowInSeconds bool
	NowInSeconds    int32
}

// maxKept is how many elements the slices of a message may keep for the next
// one.
const maxKept = 4 << 10

// reset empties p and keeps its slices, without what they pointed to.
func (p *QueryParams) reset() {
	clear(p.Values)
	clear(p.Names)
	*p = QueryParams{Values: kept(p.Values), Names: kept(p.Names)}
}

func kept[T any](s []T) []T {
	if cap(s) > maxKept {
		return nil
	}
	return s[:0]
}

// consistency reads a [consistency].
func (r *Reader) consistency() uint16 {
	c := r.Short()
	if c > maxConsistency {
		r.fail("Unknown code %d for a consistency level", c)
	}
	return c
}

// queryParams decodes into p, whose slices are reused (QueryOptions.Codec).
func (r *Reader) queryParams(p *QueryParams) {
	p.reset()
	p.PageSize, p.SerialConsistency = -1, consistencySerial
	p.Consistency = r.consistency()
	var flags uint32
	if r.version >= V5 {
		flags = uint32(r.Int())
	} else {
		flags = uint32(r.Byte())
	}
	if flags&queryValues != 0 {
		if flags&queryNamesForValues != 0 {
			p.Names, p.Values = r.namedValues(p.Names, p.Values)
		} else {
			p.Values = r.values(p.Values)
		}
	}
	p.SkipMetadata = flags&querySkipMetadata != 0
	if flags&queryPageSize != 0 {
		p.PageSize = r.Int()
	}
	if flags&queryPagingState != 0 {
		p.PagingState = r.Bytes()
	}
	if flags&querySerialConsistency != 0 {
		p.SerialConsistency = r.consistency()
	}
	if flags&queryTimestamp != 0 {
		p.HasTimestamp, p.Timestamp = true, r.Long()
		if r.err == nil && p.Timestamp == math.MinInt64 {
			r.fail("Out of bound timestamp, must be in [%d, %d] (got %d)", math.MinInt64+1, math.MaxInt64, p.Timestamp)
		}
	}
	if flags&queryKeyspace != 0 {
		p.HasKeyspace, p.Keyspace = true, r.String()
	}
	if flags&queryNowInSeconds != 0 {
		p.HasNowInSeconds, p.NowInSeconds = true, r.Int()
	}
}

// flags returns the flags that say which fields of p follow.
func (p *QueryParams) flags() uint32 {
	var f uint32
	set := func(on bool, flag uint32) {
		if on {
			f |= flag
		}
	}
	set(len(p.Values) > 0, queryValues)
	set(len(p.Names) > 0, queryNamesForValues)
	set(p.SkipMetadata, querySkipMetadata)
	set(p.PageSize >= 0, queryPageSize)
	set(p.PagingState != nil, queryPagingState)
	set(p.SerialConsistency != consistencySerial, querySerialConsistency)
	set(p.HasTimestamp, queryTimestamp)
	set(p.HasKeyspace, queryKeyspace)
	set(p.HasNowInSeconds, queryNowInSeconds)
	return f
}

// append appends p as a client of version v sends it.
func (p *QueryParams) append(dst []byte, v Version) []byte {
	dst = AppendShort(dst, p.Consistency)
	flags := p.flags()
	if v >= V5 {
		dst = AppendInt(dst, int32(flags))
	} else {
		dst = append(dst, byte(flags))
	}
	if flags&queryValues != 0 {
		dst = AppendShort(dst, uint16(len(p.Values)))
		for i, value := range p.Values {
			if len(p.Names) > 0 {
				dst = AppendShortBytes(dst, p.Names[i])
			}
			dst = AppendValue(dst, value)
		}
	}
	if flags&queryPageSize != 0 {
		dst = AppendInt(dst, p.PageSize)
	}
	if flags&queryPagingState != 0 {
		dst = AppendBytes(dst, p.PagingState)
	}
	if flags&querySerialConsistency != 0 {
		dst = AppendShort(dst, p.SerialConsistency)
	}
	if flags&queryTimestamp != 0 {
		dst = AppendLong(dst, p.Timestamp)
	}
	if flags&queryKeyspace != 0 {
		dst = AppendString(dst, p.Keyspace)
	}
	if flags&queryNowInSeconds != 0 {
		dst = AppendInt(dst, p.NowInSeconds)
	}
	return dst
}
