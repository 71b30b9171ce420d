"""What a hand is: skeleton, template, camera, 2.5D to 3D, registration, joint limits, circles and spheres."""
