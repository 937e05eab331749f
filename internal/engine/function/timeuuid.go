package function

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"

	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// epochMicros is the start of UUID time, 1582-10-15, in microseconds of Unix
// time (TimeUUID.UUID_EPOCH_UNIX_MILLIS).
const epochMicros = -12219292800000 * 1000

// The last eight bytes of the least and the greatest timeuuid of a time, whose
// bytes compare signed.
const (
	minClockAndNode = 0x8080808080808080
	maxClockAndNode = 0x7f7f7f7f7f7f7f7f
)

// clockAndNode are the last eight bytes of this process's timeuuids: a random
// clock sequence and node, marked as such (RFC 4122 §4.5).
var clockAndNode = func() uint64 {
	var b [8]byte
	rand.Read(b[:])
	b[0] = b[0]&0x3f | 0x80 // variant
	b[2] |= 0x01            // a multicast address: no real node's
	return binary.BigEndian.Uint64(b[:])
}()

var lastMicros atomic.Int64

// NextTimeuuid returns a timeuuid of the given time in microseconds since the
// epoch, or of the microsecond after the last one given out, whichever is
// later: no two of a process are equal (TimeUUID.Generator).
func NextTimeuuid(micros int64) [16]byte {
	for {
		last := lastMicros.Load()
		next := max(micros, last+1)
		if lastMicros.CompareAndSwap(last, next) {
			return timeuuid((next-epochMicros)*10, clockAndNode)
		}
	}
}

// timeuuid lays out a version 1 UUID of a time in 100 ns since epochMicros. A
// time past the year 5236 or before 1582 spoils the version, as in Cassandra.
func timeuuid(ticks int64, clock uint64) (id [16]byte) {
	u := uint64(ticks)
	binary.BigEndian.PutUint64(id[:], u<<32|u&0xffff00000000>>16|1<<12|u>>48)
	binary.BigEndian.PutUint64(id[8:], clock)
	return id
}

// timeuuidMicros is the time of a timeuuid in microseconds since the epoch. Only the
// bit of version 1 is no part of it, so that times that spoiled the version
// are negative (TimeUUID.msbToRawTimestamp).
func timeuuidMicros(id []byte) int64 {
	if len(id) != 16 {
		return 0
	}
	u := binary.BigEndian.Uint64(id)
	return int64(u&0xefff<<48|u>>16&0xffff<<32|u>>32)/10 + epochMicros
}

func minTimeuuid(millis int64) []byte {
	id := timeuuid((millis*1000-epochMicros)*10, minClockAndNode)
	return id[:]
}

func maxTimeuuid(millis int64) []byte {
	id := timeuuid(((millis+1)*1000-epochMicros)*10-1, maxClockAndNode)
	return id[:]
}

func addUUID(r *functions) {
	r.add(&Function{Name: "uuid", Return: cqltype.TypeUuid, Args: types(), Call: func(*Env, [][]byte) ([]byte, error) {
		id := make([]byte, 16)
		rand.Read(id)
		id[6] = id[6]&0x0f | 0x40
		id[8] = id[8]&0x3f | 0x80
		return id, nil
	}})
}
