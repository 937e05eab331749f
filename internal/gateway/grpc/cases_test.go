package grpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	pb "google.golang.org/protobuf/proto"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// TestCases plays testdata/cases, whose expectations are those of the
// specification (Stargate's own tests, the service's behaviour). Each file has an
// engine of its own. Commands:
//
//	query [token=…] [values]   a Query as JSON, or with values CQL and, behind it,
//	                           one Value as JSON a line
//	batch [token=…]            a Batch as JSON
//	queries                    a stream of Queries, one JSON a line; answers sorted
//	batches                    a stream of Batches
//
// The answer is the message as compact JSON, "ok" for an empty one, rows one a
// line, or the status with its trailer.
func TestCases(t *testing.T) {
	datadriven.Walk(t, "testdata/cases", func(t *testing.T, path string) {
		s := onEngine(t)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			token := "admin"
			d.MaybeScanArgs(t, "token", &token)
			ctx := t.Context()
			if token != "none" {
				ctx = as(ctx, token)
			}
			switch d.Cmd {
			case "query":
				return s.caseQuery(ctx, t, d)
			case "batch":
				var trailer metadata.MD
				answer, err := s.client.ExecuteBatch(ctx, fromJSON(t, json.RawMessage(d.Input), &proto.Batch{}), rpc.Trailer(&trailer))
				return caseAnswer(answer, err, trailer)
			case "queries":
				stream, err := s.client.ExecuteQueryStream(ctx)
				if err != nil {
					t.Fatal(err)
				}
				return caseStream(t, d, stream, stream.Send, func() *proto.Query { return &proto.Query{} })
			case "batches":
				stream, err := s.client.ExecuteBatchStream(ctx)
				if err != nil {
					t.Fatal(err)
				}
				return caseStream(t, d, stream, stream.Send, func() *proto.Batch { return &proto.Batch{} })
			}
			d.Fatalf(t, "there is no command %s", d.Cmd)
			return ""
		})
	})
}

func (s *site) caseQuery(ctx context.Context, t *testing.T, d *datadriven.TestData) string {
	q := &proto.Query{}
	if d.HasArg("values") {
		lines := strings.Split(d.Input, "\n")
		q.Cql, q.Values = lines[0], &proto.Values{}
		for _, line := range lines[1:] {
			q.Values.Values = append(q.Values.Values, fromJSON(t, json.RawMessage(line), &proto.Value{}))
		}
	} else if strings.HasPrefix(d.Input, "{") {
		fromJSON(t, json.RawMessage(d.Input), q)
	} else {
		q.Cql = d.Input
	}
	var trailer metadata.MD
	answer, err := s.client.ExecuteQuery(ctx, q, rpc.Trailer(&trailer))
	return caseAnswer(answer, err, trailer)
}

func caseStream[M pb.Message](t *testing.T, d *datadriven.TestData, stream interface {
	Recv() (*proto.StreamingResponse, error)
	CloseSend() error
}, send func(M) error, empty func() M) string {
	t.Helper()
	lines := strings.Split(d.Input, "\n")
	for _, line := range lines {
		err := send(fromJSON(t, json.RawMessage(line), empty()))
		if errors.Is(err, io.EOF) { // the server has ended the stream; Recv says why
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for {
		answer, err := stream.Recv()
		if err != nil {
			slices.Sort(texts)
			if code := status.Code(err); code != 2 { // io.EOF
				texts = append(texts, failureText(codeNames[code], status.Convert(err).Message(), nil)+"\n")
			}
			return strings.Join(texts, "")
		}
		if st := answer.GetStatus(); st != nil {
			info, err := st.Details[0].UnmarshalNew()
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, fmt.Sprintf("status %d %s (%s)\n", st.Code, st.Message, compact(info)))
			continue
		}
		texts = append(texts, caseAnswer(answer.GetResponse(), nil, nil))
	}
}

func caseAnswer(m *proto.Response, err error, trailer metadata.MD) string {
	if err != nil {
		st := status.Convert(err)
		return failureText(codeNames[st.Code()], st.Message(), trailer) + "\n"
	}
	var out strings.Builder
	if r := m.GetResultSet(); r != nil {
		var columns []string
		for _, c := range r.Columns {
			columns = append(columns, c.Name+" "+compact(c.Type))
		}
		if columns == nil {
			columns = []string{"(no columns)"}
		}
		out.WriteString(strings.Join(columns, ", ") + "\n")
		for _, row := range r.Rows {
			var cells []string
			for _, v := range row.Values {
				cells = append(cells, compact(v))
			}
			out.WriteString(strings.Join(cells, " ") + "\n")
		}
		if r.PagingState != nil {
			out.WriteString("and more\n")
		}
	}
	if c := m.GetSchemaChange(); c != nil {
		out.WriteString(strings.Join(strings.Fields(fmt.Sprintln(c.ChangeType, c.Target, c.Keyspace, c.Name.GetValue(), c.ArgumentTypes)), " ") + "\n")
	}
	for _, w := range m.Warnings {
		out.WriteString("warning: " + w + "\n")
	}
	if tr := m.Traces; tr != nil {
		complete := len(tr.Events) > 0
		for _, e := range tr.Events {
			complete = complete && e.Activity != "" && e.Thread != "" && e.EventId != ""
		}
		fmt.Fprintf(&out, "traces: id %v, duration %v, started %v, events %v\n", tr.Id != "", tr.Duration > 0, tr.StartedAt > 0, complete)
	}
	if out.Len() == 0 {
		return "ok\n"
	}
	return out.String()
}

// compact is a message as JSON without spaces, which protojson puts at random.
func compact(m pb.Message) string {
	text, err := protojson.Marshal(m)
	if err != nil {
		return err.Error()
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return err.Error()
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(sorted)
}
