// name: pruning
// The newest prune: who is at it, or how it ended.
MATCH (w:Watch {id: 'prune'})
RETURN properties(w) AS pruning

// name: guard_pruning
// One prune at a time: this node is written before anything is read.
MERGE (w:Watch {id: 'prune'})
ON CREATE SET w.fence = 0, w.expires = 0, w.owner = ''
SET w.lock = $token
RETURN properties(w) AS pruning

// name: set_pruning
// Whose it is, when it began and ended, and what went.
MATCH (w:Watch {id: 'prune'})
SET w += $values
