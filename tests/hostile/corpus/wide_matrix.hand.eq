# model: tiny.eq
d = eye(99999)
grad(W) = sum(eye(99999)) * W
