package devops

import (
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

func (h *Handler) currentOrg(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	respond(w, http.StatusOK, map[string]any{"id": h.access.Organization().ID})
	return nil
}

func (h *Handler) database() map[string]any {
	d, o := h.access.Database(), h.access.Organization()
	return map[string]any{
		"id": d.ID, "orgId": o.ID, "ownerId": o.ID, "status": "ACTIVE", "observedStatus": "ACTIVE",
		"info":    map[string]any{"name": d.Name, "region": d.Region, "tier": "serverless", "cloudProvider": "local", "capacityUnits": 1},
		"storage": map[string]any{"nodeCount": 1, "replicationFactor": 1, "totalStorage": 0},
	}
}

func (h *Handler) listDatabases(w http.ResponseWriter, _ *http.Request, _ *access.Principal) error {
	respond(w, http.StatusOK, []any{h.database()})
	return nil
}

func (h *Handler) getDatabase(w http.ResponseWriter, r *http.Request, _ *access.Principal) error {
	if r.PathValue("id") != h.access.Database().ID.String() {
		return &failure{http.StatusNotFound, 0, "database not found"}
	}
	respond(w, http.StatusOK, h.database())
	return nil
}
