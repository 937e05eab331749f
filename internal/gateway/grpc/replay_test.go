package grpc

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	pb "google.golang.org/protobuf/proto"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/httpapi/replay"
)

// recording is a call to a real Stargate and what it answered.
type recording struct {
	N        int
	Name     string
	Method   string
	Metadata []string
	Request  json.RawMessage
	Response struct {
		Status           string
		Details          string
		Message          json.RawMessage
		Messages         []json.RawMessage
		TrailingMetadata [][2]string `json:"trailing_metadata"`
	}
}

// TestReplay makes every recorded call, in order, on the engine.
func TestReplay(t *testing.T) {
	s := onEngine(t)
	differences := replay.ReadDifferences(t, "grpc")
	replay.Each(t, "grpc", func(r *recording) {
		got, want := s.play(t, r), r.wanted(t)
		differences.Check(t, r.N, got == want, r.Name, got, want)
	})
	differences.Done(t)
}

// play makes the call and returns the answer as text.
func (s *site) play(t *testing.T, r *recording) string {
	ctx := t.Context()
	for _, entry := range r.Metadata {
		name, value, given := strings.Cut(entry, "=")
		if !given {
			value = "admin"
		}
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	var trailer metadata.MD
	var answer *proto.Response
	var err error
	switch r.Method {
	case "ExecuteQuery":
		answer, err = s.client.ExecuteQuery(ctx, s.paged(ctx, t, fromJSON(t, r.Request, &proto.Query{})), rpc.Trailer(&trailer))
	case "ExecuteBatch":
		answer, err = s.client.ExecuteBatch(ctx, fromJSON(t, r.Request, &proto.Batch{}), rpc.Trailer(&trailer))
	case "ExecuteBatchStream":
		return s.playStream(ctx, t, r)
	default:
		t.Fatalf("method %s", r.Method)
	}
	if err != nil {
		st := status.Convert(err)
		return failureText(codeNames[st.Code()], st.Message(), trailer)
	}
	return answerText(answer)
}

// paged puts a page state of ours in the place of a recorded one: that of the
// page before.
func (s *site) paged(ctx context.Context, t *testing.T, q *proto.Query) *proto.Query {
	if q.Parameters.GetPagingState() == nil {
		return q
	}
	q.Parameters.PagingState = nil
	before, err := s.client.ExecuteQuery(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	q.Parameters.PagingState = before.GetResultSet().GetPagingState()
	return q
}

func (s *site) playStream(ctx context.Context, t *testing.T, r *recording) string {
	var requests []json.RawMessage
	if err := json.Unmarshal(r.Request, &requests); err != nil {
		t.Fatal(err)
	}
	stream, err := s.client.ExecuteBatchStream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range requests {
		if err := stream.Send(fromJSON(t, request, &proto.Batch{})); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for range requests {
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, streamText(answer))
	}
	slices.Sort(texts) // they come in any order
	return strings.Join(texts, "\n")
}

func fromJSON[M pb.Message](t *testing.T, text json.RawMessage, m M) M {
	t.Helper()
	if err := protojson.Unmarshal(text, m); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return m
}

// wanted is the recorded answer as text.
func (r *recording) wanted(t *testing.T) string {
	switch {
	case r.Response.Status != "":
		trailer := metadata.MD{}
		for _, entry := range r.Response.TrailingMetadata {
			value, err := hex.DecodeString(entry[1])
			if err != nil {
				t.Fatal(err)
			}
			trailer.Append(entry[0], string(value))
		}
		return failureText(r.Response.Status, r.Response.Details, trailer)
	case r.Response.Messages != nil:
		var texts []string
		for _, m := range r.Response.Messages {
			texts = append(texts, streamText(fromJSON(t, m, &proto.StreamingResponse{})))
		}
		slices.Sort(texts)
		return strings.Join(texts, "\n")
	}
	return answerText(fromJSON(t, r.Response.Message, &proto.Response{}))
}

func failureText(code, details string, trailer metadata.MD) string {
	text := code + ": " + details
	for name, values := range trailer {
		if strings.HasSuffix(name, "-bin") {
			text += fmt.Sprintf(" %s=%x", name, values[0])
		}
	}
	return text
}

func streamText(m *proto.StreamingResponse) string {
	if st := m.GetStatus(); st != nil {
		return fmt.Sprintf("status %d %s %v", st.Code, st.Message, st.Details)
	}
	return answerText(m.GetResponse())
}

// answerText shows a Response without what is not to be matched: ids, times and
// page states, of which only whether they are there; and without what the
// recorded release did not tell yet of a type: its name, and that it is frozen.
func answerText(m *proto.Response) string {
	m = pb.Clone(m).(*proto.Response)
	if m.Traces != nil {
		m.Traces = &proto.Traces{Id: fmt.Sprint("given ", m.Traces.Duration > 0, m.Traces.StartedAt > 0, len(m.Traces.Events) > 0)}
	}
	if state := m.GetResultSet().GetPagingState(); state != nil {
		state.Value = []byte("state")
	}
	for i, c := range m.GetResultSet().GetColumns() {
		forget(c.Type)
		if strings.HasPrefix(c.Name, "writetime(") {
			for _, row := range m.GetResultSet().Rows {
				row.Values[i] = nil
			}
		}
	}
	text, err := pb.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return err.Error()
	}
	shown, err := protojson.Marshal(m)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%x %s", text, strings.ReplaceAll(string(shown), " ", "")) // protojson puts spaces at random
}

func forget(t *proto.TypeSpec) {
	switch t := t.GetSpec().(type) {
	case *proto.TypeSpec_List_:
		t.List.Frozen = false
		forget(t.List.Element)
	case *proto.TypeSpec_Set_:
		t.Set.Frozen = false
		forget(t.Set.Element)
	case *proto.TypeSpec_Map_:
		t.Map.Frozen = false
		forget(t.Map.Key)
		forget(t.Map.Value)
	case *proto.TypeSpec_Udt_:
		t.Udt.Name, t.Udt.Frozen = "", false
		for _, f := range t.Udt.Fields {
			forget(f)
		}
	case *proto.TypeSpec_Tuple_:
		for _, e := range t.Tuple.Elements {
			forget(e)
		}
	}
}
