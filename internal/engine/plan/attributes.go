package plan

import (
	"encoding/binary"
	"math"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// MaxTTL is the longest time to live in seconds: 20 years (Attributes.MAX_TTL).
const MaxTTL = 20 * 365 * 24 * 60 * 60

// maxExpiration is the last second at which a cell may expire, and how
// Cassandra 5.0 shows it in its default storage compatibility mode
// (Cell.MAX_DELETION_TIME_2038_LEGACY_CAP).
const (
	maxExpiration     = math.MaxInt32 - 1
	maxExpirationText = "2038-01-19T03:14:06+00:00"
)

// Attributes is a USING clause (org.apache.cassandra.cql3.Attributes).
type Attributes struct{ timestamp, ttl Term }

// attributes prepares a USING clause; keyspace and table are what its bind
// markers show as theirs.
func (c *Context) attributes(u cql.Using, keyspace, table string) (a Attributes, err error) {
	if u.Timestamp != nil {
		r := Receiver{Keyspace: keyspace, Table: table, Name: "[timestamp]", Type: cqltype.TypeBigint}
		if a.timestamp, err = c.Term(u.Timestamp, r); err != nil {
			return a, err
		}
	}
	if u.TTL != nil {
		r := Receiver{Keyspace: keyspace, Table: table, Name: "[ttl]", Type: cqltype.TypeInt}
		a.ttl, err = c.Term(u.TTL, r)
	}
	return a, err
}

// HasTimestamp reports whether USING TIMESTAMP was given.
func (a *Attributes) HasTimestamp() bool { return a.timestamp != nil }

// HasTTL reports whether USING TTL was given.
func (a *Attributes) HasTTL() bool { return a.ttl != nil }

// bound reports whether a bind marker is among the attributes. Those of a batch
// are of no table, and then Cassandra does not tell the partition key's markers
// (ResultSet.PreparedMetadata).
func (a *Attributes) bound() bool {
	for _, t := range [2]Term{a.timestamp, a.ttl} {
		if t == nil {
			continue
		}
		if _, ok := Constant(t); !ok {
			return true
		}
	}
	return false
}

// Timestamp returns the write time in microseconds: USING TIMESTAMP, or now
// when that is absent or unset. The smallest long is refused, as Cassandra
// keeps it for itself (UpdateParameters).
func (a *Attributes) Timestamp(env *Env, now int64) (int64, error) {
	ts := now
	if a.timestamp != nil {
		v, err := a.timestamp.Eval(env)
		if err != nil {
			return 0, err
		}
		if !v.Unset {
			if len(v.Bytes) != 8 {
				return 0, cqlerr.Invalidf("Invalid null value of timestamp")
			}
			ts = int64(binary.BigEndian.Uint64(v.Bytes))
		}
	}
	if ts == math.MinInt64 {
		return 0, cqlerr.Invalidf("Out of bound timestamp, must be in [%d, %d]", int64(math.MinInt64+1), int64(math.MaxInt64))
	}
	return ts, nil
}

// TTL returns the time to live in seconds of a write to t, 0 for none: USING
// TTL, or the table's default when that is absent or unset (null is none).
func (a *Attributes) TTL(env *Env, t *schema.Table) (int32, error) {
	def := t.Options.DefaultTimeToLive
	if a.ttl == nil {
		return def, checkExpiration(env, t, def, "default ")
	}
	v, err := a.ttl.Eval(env)
	switch {
	case err != nil:
		return 0, err
	case v.Unset:
		return def, nil
	case len(v.Bytes) == 0:
		return 0, nil
	}
	ttl := int32(binary.BigEndian.Uint32(v.Bytes))
	switch {
	case ttl < 0:
		return 0, cqlerr.Invalidf("A TTL must be greater or equal to 0, but was %d", ttl)
	case ttl > MaxTTL:
		return 0, cqlerr.Invalidf("ttl is too large. requested (%d) maximum (%d)", ttl, MaxTTL)
	}
	return ttl, checkExpiration(env, t, ttl, "")
}

// Expiration is when what is written now with a TTL expires. A request's own time,
// which may be late, does not make it later than can be stored
// (ExpiringCell.computeLocalExpirationTime).
func Expiration(now int64, ttl int32) int64 { return min(now+int64(ttl), maxExpiration) }

// checkExpiration refuses what would expire later than can be stored, by the clock,
// whatever the request's own time (ExpirationDateOverflowHandling, policy REJECT).
func checkExpiration(env *Env, t *schema.Table, ttl int32, kind string) error {
	if ttl == 0 || int64(ttl)+env.NowMicros/1_000_000 <= maxExpiration {
		return nil
	}
	return cqlerr.Invalidf("Request on table %s.%s with %sttl of %d seconds exceeds maximum supported expiration date of %s. "+
		"In order to avoid this use a lower TTL, change the expiration date overflow policy or upgrade to a version where "+
		"this limitation is fixed. See CASSANDRA-14092 and CASSANDRA-14227 for more details.",
		t.Keyspace, t.Name, kind, ttl, maxExpirationText)
}
