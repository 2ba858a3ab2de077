"""Point clouds, meshes and molecules as a browser draws them: flat arrays, checked."""
