package console

import "net/http"

// The guardrails, as GET /console/api/guardrails answers them: the preset, each
// limit by its name in cassandra.yaml, and how often each guardrail warned and
// refused since the start.
type (
	guardrailsAnswer struct {
		Preset string           `json:"preset"`
		Limits []guardrailLimit `json:"limits"`
		Counts []guardrailCount `json:"counts"`
	}
	guardrailLimit struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	guardrailCount struct {
		Guardrail string `json:"guardrail"`
		Warnings  int64  `json:"warnings"`
		Failures  int64  `json:"failures"`
	}
)

// guardrails is GET /console/api/guardrails. Who may run CQL reads the same in
// system_views.settings.
func (h *Handler) guardrails(w http.ResponseWriter, _ *http.Request, _ Principal) error {
	limits := h.options.Guard.Limits()
	out := guardrailsAnswer{Preset: limits.Preset}
	for _, s := range limits.Settings() {
		out.Limits = append(out.Limits, guardrailLimit(s))
	}
	for _, c := range h.options.Guard.Counts() {
		out.Counts = append(out.Counts, guardrailCount(c))
	}
	h.respond(w, http.StatusOK, out)
	return nil
}
