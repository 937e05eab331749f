package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// The older profile, in which Stargate v1 and old Astra spoke: errors have a
// description and a code, those of the framework below a code and a message.

// FailureOfV1 converts what an endpoint returned, as FailureOf does, into the
// words of the older profile.
func FailureOfV1(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	e := cqlerr.From(err)
	if e.Unreachable {
		return &Failure{Status: http.StatusServiceUnavailable, Description: "Server error: " + e.Message}
	}
	switch e.Code {
	case cqlerr.Invalid, cqlerr.Syntax, cqlerr.Config, cqlerr.AlreadyExists, cqlerr.Protocol, cqlerr.FunctionFailure:
		return &Failure{Status: http.StatusBadRequest, Description: "Bad request: " + e.Message}
	case cqlerr.Unauthorized:
		return &Failure{Status: http.StatusUnauthorized, Description: "Role unauthorized for operation: " + e.Message}
	case cqlerr.Overloaded:
		return &Failure{Status: http.StatusTooManyRequests, Description: "Database is overloaded"}
	}
	return &Failure{Status: http.StatusInternalServerError, Description: "Server error: " + e.Message}
}

// WriteV1 writes f's answer in the older profile, using the memory of out, and
// returns it.
func (f *Failure) WriteV1(w http.ResponseWriter, out []byte) []byte {
	if f.Bare {
		return f.Write(w, out)
	}
	if f.Framework {
		out = append(out, `{"code":`...)
		out = strconv.AppendInt(out, int64(f.Status), 10)
		out = append(out, `,"message":`...)
		out = append(cell.AppendString(out, frameworkText(f.Status)), '}')
	} else {
		out = append(append(f.AppendDescription(out), f.More...), '}')
	}
	w.Header()["Content-Type"] = JSONType
	w.WriteHeader(f.Status)
	_, _ = w.Write(out) // a client that is gone misses nothing
	return out
}

// frameworkText is what the HTTP framework below the older profile says.
func frameworkText(status int) string {
	if status == http.StatusBadRequest {
		return "Unable to process JSON"
	}
	return fmt.Sprintf("HTTP %d %s", status, http.StatusText(status))
}

// MissingTokenV1 is the older profile's answer to a request without a token.
func MissingTokenV1() *Failure {
	return &Failure{Status: http.StatusUnauthorized, Description: "Role unauthorized for operation: Missing token"}
}

// BadTokenV1 is the older profile's answer to a token that is not known; err is why,
// which it tells of a JSON Web Token.
func BadTokenV1(token string, err error) *Failure {
	reason := "authorization failed"
	var webToken interface{ TokenFault() string }
	if errors.As(err, &webToken) {
		reason = webToken.TokenFault()
	} else if token == "" {
		reason += " - missing token"
	} else if _, err := uuid.Parse(token); err != nil && !strings.HasPrefix(token, "AstraCS:") {
		reason += " - bad token"
	}
	return &Failure{Status: http.StatusUnauthorized, Description: "Role unauthorized for operation: " + reason}
}
