package wire

import (
	"strconv"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Version is a native protocol version.
type Version uint8

// The versions served. V6 is Cassandra's beta: the layout of V5, accepted only
// from clients that set the USE_BETA flag.
const (
	V3 Version = 3
	V4 Version = 4
	V5 Version = 5
	V6 Version = 6
	// Current is the highest stable version; errors that belong to no
	// negotiated version are sent in it.
	Current = V5
)

// SupportedVersions is the PROTOCOL_VERSIONS list of SUPPORTED.
var SupportedVersions = []string{"3/v3", "4/v4", "5/v5", "6/v6-beta"}

// String returns the version as SUPPORTED spells it: "4/v4".
func (v Version) String() string {
	switch {
	case v.supported():
		return SupportedVersions[v-V3]
	default:
		return strconv.Itoa(int(v))
	}
}

func (v Version) supported() bool { return v >= V3 && v <= V6 }

// Beta reports whether v is served only to clients that set USE_BETA.
func (v Version) Beta() bool { return v == V6 }

// Segmented reports whether envelopes of v travel in segments.
func (v Version) Segmented() bool { return v >= V5 }

// InvalidVersion is the error of a version that is not among those served.
// Drivers search its text to find out what to fall back to
// (ProtocolVersion.invalidVersionMessage).
func InvalidVersion(v Version, served []string) *cqlerr.Error {
	return cqlerr.Newf(cqlerr.Protocol, "Invalid or unsupported protocol version (%d); supported versions are (%s)",
		v, strings.Join(served, ", "))
}

func invalidVersion(v Version) *cqlerr.Error { return InvalidVersion(v, SupportedVersions) }

// UpTo lists the versions from 3 to v as SUPPORTED spells them; the beta comes
// with the newest stable one.
func UpTo(v Version) []string {
	if v >= Current {
		return SupportedVersions
	}
	return SupportedVersions[:v-V3+1]
}

// betaUnset is the error of a beta version without the USE_BETA flag.
func betaUnset(v Version) *cqlerr.Error {
	return cqlerr.Newf(cqlerr.Protocol, "Beta version of the protocol used (%s), but USE_BETA flag is unset", v)
}
