package grpc

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// request is a Query, or what the entries of a Batch share. Its bytes belong to
// the message.
type request struct {
	cql string
	bound
	parameters
}

// bound are the values of a statement: Value messages, and the names of markers.
type bound struct {
	values [][]byte
	names  []string
}

func (r *request) reset() {
	clear(r.values)
	clear(r.names)
	*r = request{bound: bound{kept(r.values), kept(r.names)}}
}

// parameters are those of QueryParameters and BatchParameters.
type parameters struct {
	keyspace          string
	hasKeyspace       bool
	consistency       backend.Consistency
	serialConsistency backend.Consistency
	traceConsistency  backend.Consistency
	pageSize          int
	pagingState       []byte
	tracing           bool
	skipMetadata      bool
	timestamp         int64
	hasTimestamp      bool
	nowInSeconds      int32
	hasNowInSeconds   bool
}

var defaultParameters = parameters{
	consistency: backend.LocalQuorum, serialConsistency: backend.Serial, traceConsistency: backend.One, pageSize: defaultPageSize,
}

// decodeQuery reads a Query.
func (r *request) decodeQuery(m []byte) (err error) {
	r.parameters = defaultParameters
	f := fieldsOf(m)
	for f.next() {
		switch {
		case f.is(1, protowire.BytesType):
			r.cql, err = f.text()
		case f.is(2, protowire.BytesType):
			err = r.bound.decode(f.bytes)
		case f.is(3, protowire.BytesType):
			err = r.parameters.decode(f.bytes, &queryParameters)
		}
		if err != nil {
			return err
		}
	}
	return f.err()
}

// decode reads a Values.
func (b *bound) decode(m []byte) error {
	f := fieldsOf(m)
	for f.next() {
		switch {
		case f.is(1, protowire.BytesType):
			b.values = append(b.values, f.bytes)
		case f.is(2, protowire.BytesType):
			name, err := f.text()
			if err != nil {
				return err
			}
			b.names = append(b.names, name)
		}
		if len(b.values) > maxValues || len(b.names) > maxValues {
			return invalid(fmt.Sprintf("More than %d values", maxValues))
		}
	}
	return f.err()
}

// parameterFields says what each field of QueryParameters or BatchParameters is.
type parameterFields [12]parameter

type parameter uint8

const (
	noParameter parameter = iota
	keyspaceParameter
	consistencyParameter
	pageSizeParameter
	pagingStateParameter
	tracingParameter
	skipMetadataParameter
	timestampParameter
	serialConsistencyParameter
	nowInSecondsParameter
	traceConsistencyParameter
)

var (
	queryParameters = parameterFields{1: keyspaceParameter, consistencyParameter, pageSizeParameter, pagingStateParameter, tracingParameter,
		skipMetadataParameter, timestampParameter, serialConsistencyParameter, nowInSecondsParameter, traceConsistencyParameter}
	batchParameters = parameterFields{1: keyspaceParameter, consistencyParameter, tracingParameter, timestampParameter,
		serialConsistencyParameter, nowInSecondsParameter, traceConsistencyParameter, skipMetadataParameter}
)

// decode reads parameters whose fields are as numbers says.
func (p *parameters) decode(m []byte, numbers *parameterFields) error {
	f := fieldsOf(m)
	for f.next() {
		if int(f.number) >= len(numbers) {
			continue
		}
		which := numbers[f.number]
		if want := protowire.BytesType; which == tracingParameter || which == skipMetadataParameter {
			if f.kind == protowire.VarintType {
				p.set(which, f.bits != 0)
			}
			continue
		} else if f.kind != want {
			continue
		}
		if err := p.read(which, f.bytes); err != nil {
			return err
		}
	}
	return f.err()
}

func (p *parameters) set(which parameter, on bool) {
	if which == tracingParameter {
		p.tracing = on
	} else {
		p.skipMetadata = on
	}
}

// read reads a parameter that is a message, of one field, whose presence means
// something.
func (p *parameters) read(which parameter, m []byte) (err error) {
	bits, bytes := uint64(0), []byte{}
	text := fields{}
	f := fieldsOf(m)
	for f.next() {
		switch {
		case f.is(1, protowire.VarintType):
			bits = f.bits
		case f.is(1, protowire.BytesType):
			bytes, text = f.bytes, f
		}
	}
	if f.bad {
		return errMalformed
	}
	switch which {
	case keyspaceParameter:
		p.hasKeyspace = true
		p.keyspace, err = text.text()
	case pagingStateParameter:
		p.pagingState = bytes
	case pageSizeParameter:
		p.pageSize = int(int32(bits))
	case timestampParameter:
		p.timestamp, p.hasTimestamp = int64(bits), true
	case nowInSecondsParameter:
		p.nowInSeconds, p.hasNowInSeconds = int32(bits), true
	case consistencyParameter:
		p.consistency, err = consistency(bits)
	case serialConsistencyParameter:
		p.serialConsistency, err = consistency(bits)
	case traceConsistencyParameter:
		p.traceConsistency, err = consistency(bits)
	}
	return err
}

func consistency(bits uint64) (backend.Consistency, error) {
	if bits > uint64(backend.LocalOne) {
		return 0, invalid(fmt.Sprintf("There is no consistency level %d", int32(bits)))
	}
	return backend.Consistency(bits), nil
}

// batchEntry is a BatchQuery.
type batchEntry struct {
	cql string
	bound
}

// decodeBatch reads a Batch: its entries into c.entries, the rest into
// c.request.
func (c *call) decodeBatch(m []byte) (kind cql.BatchKind, err error) {
	c.request.parameters = defaultParameters
	f := fieldsOf(m)
	for f.next() {
		switch {
		case f.is(1, protowire.VarintType):
			if f.bits > math.MaxUint8 || cql.BatchKind(f.bits) > cql.CounterBatch {
				return 0, invalid(fmt.Sprintf("There is no batch type %d", int32(f.bits)))
			}
			kind = cql.BatchKind(f.bits)
		case f.is(2, protowire.BytesType):
			if len(c.entries) == maxBatch {
				return 0, invalid(fmt.Sprintf("More than %d queries in batch", maxBatch))
			}
			var e batchEntry
			if err = e.decode(f.bytes); err == nil {
				c.entries = append(c.entries, e)
			}
		case f.is(3, protowire.BytesType):
			err = c.request.parameters.decode(f.bytes, &batchParameters)
		}
		if err != nil {
			return 0, err
		}
	}
	return kind, f.err()
}

func (e *batchEntry) decode(m []byte) (err error) {
	f := fieldsOf(m)
	for f.next() {
		switch {
		case f.is(1, protowire.BytesType):
			e.cql, err = f.text()
		case f.is(2, protowire.BytesType):
			err = e.bound.decode(f.bytes)
		}
		if err != nil {
			return err
		}
	}
	return f.err()
}
