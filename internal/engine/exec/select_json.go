package exec

import (
	"encoding/binary"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// appendJSON appends the row as SELECT JSON's one cell (Selection.rowToJson).
func (x *selectRun) appendJSON(in *plan.Input) error {
	at := len(x.out)
	out := append(x.out, 0, 0, 0, 0, '{')
	for i := range x.p.Output {
		o := &x.p.Output[i]
		if i > 0 {
			out = append(out, ", "...)
		}
		out = appendJSONName(out, o.Name)
		out = append(out, ": "...)
		v, err := o.Eval(in)
		if err != nil {
			return err
		}
		if v == nil {
			out = append(out, "null"...)
			continue
		}
		out = o.Type().AppendJSON(out, v)
		if len(out)-at > MaxResult {
			return cqlerr.Newf(cqlerr.ServerError, "A row's JSON exceeds %d MB", MaxResult>>20)
		}
	}
	out = append(out, '}')
	binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	x.out = out
	return nil
}

// appendJSONName appends the key of a column. Names that need quotes in CQL for
// their upper case have them here too.
func appendJSONName(dst []byte, name string) []byte {
	if name != strings.ToLower(name) {
		name = `"` + name + `"`
	}
	return cqltype.TypeText.AppendJSON(dst, []byte(name))
}
