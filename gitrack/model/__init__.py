"""What a run is: frozen values, standard library only."""
