package diff

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// clocks are the functions that give something else at each call, with their
// type (org.apache.cassandra.cql3.functions.TimeFcts and UuidFcts).
var clocks = map[string]*cqltype.Type{
	"now": cqltype.TypeTimeuuid, "current_timeuuid": cqltype.TypeTimeuuid, "currenttimeuuid": cqltype.TypeTimeuuid,
	"uuid":              cqltype.TypeUuid,
	"current_timestamp": cqltype.TypeTimestamp, "currenttimestamp": cqltype.TypeTimestamp,
	"current_date": cqltype.TypeDate, "currentdate": cqltype.TypeDate,
	"current_time": cqltype.TypeTime, "currenttime": cqltype.TypeTime,
}

// clock returns the type of a call of one of them, nil for anything else.
func clock(x cql.Expr) *cqltype.Type {
	call, ok := x.(*cql.FunctionCall)
	if !ok || len(call.Args) > 0 || call.Keyspace != "" && call.Keyspace != "system" {
		return nil
	}
	return clocks[call.Name]
}

// volatile reports whether stmt has such calls among the values that it writes
// or looks for.
func volatile(stmt cql.Statement) bool {
	found := false
	eachTerm(stmt, func(x *cql.Expr) { found = found || clock(*x) != nil })
	return found
}

// fixed is stmt with these calls replaced by the values they have now.
func fixed(stmt cql.Statement) (cql.Statement, error) {
	parsed, err := cql.Parse(cql.Print(stmt)) // a copy
	if err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	eachTerm(parsed.Statement, func(x *cql.Expr) {
		if t := clock(*x); t != nil && err == nil {
			*x, err = value(t)
		}
	})
	return parsed.Statement, err
}

// value is a literal of the present value, with its type.
func value(t *cqltype.Type) (cql.Expr, error) {
	now := time.Now()
	var wire []byte
	switch t.Kind {
	case cqltype.Timeuuid:
		id, err := uuid.NewUUID()
		if err != nil {
			return nil, err
		}
		wire = id[:]
	case cqltype.Uuid:
		id, err := uuid.NewRandom()
		if err != nil {
			return nil, err
		}
		wire = id[:]
	case cqltype.Timestamp:
		wire = binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli()))
	case cqltype.Date: // days, with the epoch at 2^31
		wire = binary.BigEndian.AppendUint32(nil, uint32(now.Unix()/86400)+1<<31)
	case cqltype.Time: // nanoseconds of the day
		wire = binary.BigEndian.AppendUint64(nil, uint64(now.UnixNano()%int64(24*time.Hour)))
	}
	text := string(t.AppendLiteral(nil, wire))
	parsed, err := cql.Parse("INSERT INTO t (v) VALUES ((" + t.String() + ")" + text + ")")
	if err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	return parsed.Statement.(*cql.Insert).Values[0], nil
}

// eachTerm calls f for each term of the values of a statement, outermost first.
// Select clauses are not among them: see looseColumns.
func eachTerm(stmt cql.Statement, f func(*cql.Expr)) {
	switch s := stmt.(type) {
	case *cql.Select:
		eachInWhere(s.Where, f)
	case *cql.Insert:
		cql.WalkAll(s.Values, f)
		cql.Walk(&s.Using.Timestamp, f)
		cql.Walk(&s.Using.TTL, f)
	case *cql.Update:
		for i := range s.Assignments {
			cql.Walk(&s.Assignments[i].Index, f)
			cql.Walk(&s.Assignments[i].Value, f)
		}
		eachInWhere(s.Where, f)
		eachInConditions(s.If, f)
	case *cql.Delete:
		for i := range s.Columns {
			cql.Walk(&s.Columns[i].Index, f)
		}
		eachInWhere(s.Where, f)
		eachInConditions(s.If, f)
	case *cql.Batch:
		for _, inner := range s.Statements {
			eachTerm(inner, f)
		}
	}
}

func eachInWhere(where []cql.Relation, f func(*cql.Expr)) {
	for i := range where {
		cql.Walk(&where[i].Element, f)
		cql.Walk(&where[i].Value, f)
		cql.WalkAll(where[i].Values, f)
	}
}

func eachInConditions(conditions []cql.Condition, f func(*cql.Expr)) {
	for i := range conditions {
		cql.Walk(&conditions[i].Element, f)
		cql.Walk(&conditions[i].Value, f)
		cql.WalkAll(conditions[i].Values, f)
	}
}

// looseFunctions give what two servers need not agree about: write times of
// conditional writes are each server's own.
var looseFunctions = []string{"writetime", "maxwritetime", "ttl"}

// looseColumns marks the columns of a SELECT whose values are not compared; nil
// when there are none. columns is how many the result has.
func looseColumns(stmt cql.Statement, columns int) []bool {
	s, ok := stmt.(*cql.Select)
	if !ok || len(s.Selectors) != columns && !s.JSON {
		return nil
	}
	var loose []bool
	for i := range s.Selectors {
		cql.Walk(&s.Selectors[i].X, func(x *cql.Expr) {
			call, ok := (*x).(*cql.FunctionCall)
			if ok && (clock(call) != nil || slices.Contains(looseFunctions, call.Name)) {
				if loose == nil {
					loose = make([]bool, columns)
				}
				loose[min(i, columns-1)] = true // JSON is one column
			}
		})
	}
	return loose
}
