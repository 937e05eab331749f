package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxBody bounds a request: names, passwords and JWTs are much shorter.
const maxBody = 64 << 10

// body is what the three calls take; other members are ignored.
type body struct {
	Username, Password, Key, Secret text
}

// text is a member that is a string; numbers, true and false become one as they
// are written. null is "".
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(t))
	case 'n':
		return nil
	case '{', '[':
		return errors.New("not a text")
	}
	*t = text(b)
	return nil
}

// UnmarshalJSON implements json.Unmarshaler. Names of members count as they are
// written, unlike in encoding/json.
func (b *body) UnmarshalJSON(from []byte) error {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(from, &members); err != nil {
		return err
	}
	for name, to := range map[string]*text{"username": &b.Username, "password": &b.Password, "key": &b.Key, "secret": &b.Secret} {
		if value := members[name]; value != nil {
			if err := to.UnmarshalJSON(value); err != nil {
				return err
			}
		}
	}
	return nil
}

// readBody reads a request's body; nil, 0 without one (or with null). A status
// is that of a framework's error, with its message.
func readBody(w http.ResponseWriter, r *http.Request) (*body, int, string) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge, ""
	case err != nil:
		return nil, http.StatusBadRequest, ""
	}
	if len(raw) == 0 {
		return nil, 0, ""
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, http.StatusUnsupportedMediaType, ""
	}
	if trimmed := strings.TrimSpace(string(raw)); trimmed == "" || trimmed == "null" {
		return nil, 0, ""
	}
	b := &body{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(b); err != nil {
		return nil, http.StatusBadRequest, "Unable to process JSON"
	}
	return b, 0, ""
}

// frameworkError answers {"code","message"}, as the HTTP framework below the
// reference does: without Cache-Control.
func frameworkError(w http.ResponseWriter, status int, message string) {
	if message == "" {
		message = fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))
	}
	write(w, status, struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{status, message})
}

func write(w http.ResponseWriter, status int, answer any) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(answer) // texts and numbers: nothing can go wrong
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimRight(b.Bytes(), "\n")) // a client that is gone misses nothing
}
